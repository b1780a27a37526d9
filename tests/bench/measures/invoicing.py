"""How many invoices a core renders in a second."""


def invoices(world, name, size):
    """Render invoices of 40 lines, none like another, in a fresh process. Returns how many a second of processor."""
    return world.probe(name, "invoices.render", size.invoices)
