"""What a recount of figures costs as the table grows, and how old figures are while saves come fast."""

from statistics import median

from tests.bench.measures.running import working
from tests.bench.measures.size import Stuck
from tests.bench.peers.of_ours import RUN

OWN = 500  # lines of the product that is recounted
OTHERS = 1000  # products that all other lines are of
TIMES = 15  # recounts, of which the median counts
RATE = 200  # saves a second
PRODUCTS = """
    INSERT INTO catalog_product (name, slug, description, price, tax_rate, currency, stock)
    SELECT 'P', 'p' || i, '', 10, 19, 'EUR', 0 FROM generate_series(1, %s::int) i"""
ORDERS = """
    INSERT INTO orders_order (number, buyer, status, currency, total, placed_at)
    SELECT 'n' || i, '{}', 'paid', 'EUR', 10, now() - i %% 365 * interval '1 day'
    FROM generate_series(%s::int, %s::int) i"""
# Of each product that is not the first one there is a line on every day; of that one OWN in all.
LINES = """
    INSERT INTO orders_orderline
        (order_id, product_id, description, quantity, unit_price, tax_rate, tax_category)
    SELECT id, CASE WHEN substr(number, 2)::int <= %s::int THEN 1 ELSE 2 + id %% %s::int END, '', 1, 10, 19, 'S'
    FROM orders_order WHERE substr(number, 2)::int BETWEEN %s::int AND %s::int"""


def recount(world, name, size):
    """Grow the table of lines tenfold and tenfold again, each time recounting one product; then save, and watch.

    Returns milliseconds of a recount by the number of lines, and the ages of figures in seconds.
    """
    with world.fresh(name) as database:
        database.execute(PRODUCTS, (1 + OTHERS,))
        took, before = {}, 0
        for rows in (size.rows // 100, size.rows // 10, size.rows):
            database.execute(ORDERS, (before + 1, rows))
            database.execute(LINES, (OWN, OTHERS, before + 1, rows))
            database.execute("VACUUM ANALYZE")
            took[rows] = median(world.probe(name, "counting.recounts", TIMES)["ms"])
            before = rows
        with working(world, name, [(*RUN, "statistics")]):
            found = world.probe(name, "counting.ages", RATE, size.fresh)
    if found["missing"]:
        raise Stuck(f"{found['missing']} of {RATE * size.fresh} changes are in no figure")
    return {"took": took} | found
