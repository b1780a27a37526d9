"""Who renders invoices."""

from tests.bench.peers.peer import Peer

OF_INVOICES = {"keeps": "", "lost": "", "workers": (), "measures": ("invoices",), "quick": ("invoices",)}
OURS = {"module": "tests.bench.peers.invoices_ours", "packages": ("typst", "pikepdf"), "is_ours": True}

PEERS = {
    "ours-pdf": Peer(title="ours, PDF/A-3b", **OF_INVOICES, **OURS),
    "ours-einvoice": Peer(title="ours, PDF/A-3b and Factur-X in it", **OF_INVOICES, **OURS),
    "weasyprint": Peer(
        title="WeasyPrint, PDF/A-3b",
        module="tests.bench.peers.invoices_weasyprint",
        packages=("weasyprint",),
        settings=lambda broker: {"BROKER_URL": broker},  # what it is to say comes from the project, which asks for that
        **OF_INVOICES,
    ),
}
