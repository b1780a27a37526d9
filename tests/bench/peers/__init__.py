"""Who is measured: how each is set up, what it is measured for, and what it promises."""

from tests.bench.peers import of_celery, of_invoices, of_others, of_ours

PEERS = of_ours.PEERS | of_celery.PEERS | of_others.PEERS | of_invoices.PEERS
