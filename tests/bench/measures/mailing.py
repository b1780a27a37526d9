"""How many mails go out a second through a mail server that takes its time, against Django's `send()` one by one."""

from statistics import median

from tests.bench.measures.running import STARTING, rate, working
from tests.bench.measures.size import Stuck
from tests.bench.peers.of_ours import RUN
from tests.mail_server import mail_server
from tests.support import until

REPLY = 0.05  # seconds that the server takes for each reply
BLOCKS = 3  # of either, in turns
THEIRS = 12  # mails in a block of Django's
SENT = "SELECT extract(epoch FROM sent_at)::float8 FROM notifications_delivery WHERE state = 'sent' ORDER BY sent_at"
PATIENCE = 60.0  # seconds


def mail(world, name, size):
    """Send in turns by a worker that runs, and by a plain loop. Returns mails a second of either, and their ratio."""
    with mail_server(REPLY) as server, world.fresh(name) as database:
        address = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}

        def ask(count, seconds=PATIENCE):
            """Ask for mails, and wait until they are sent. Returns when each was."""
            before = len(sent(database))
            world.probe(name, "mails.ask", count, **address)
            wait_for(database, before + count, seconds)
            return sent(database)[before:]

        with working(world, name, [(*RUN, "email")], **address):
            ask(1, seconds=STARTING)  # it has started
            theirs, ours = [], []
            for _ in range(BLOCKS):
                theirs.append(THEIRS / world.probe(name, "mails.one_by_one", THEIRS, **address)["seconds"])
                ours.append(rate(ask(size.mails)))
        arrived, wanted = len(server.mails), 1 + BLOCKS * (THEIRS + size.mails)
    if arrived != wanted:
        raise Stuck(f"{arrived} of {wanted} mails arrived")
    return {"ours": median(ours), "theirs": median(theirs), "ratio": median(ours) / median(theirs)}


def wait_for(database, count, seconds):
    try:
        until(lambda: len(sent(database)) >= count, f"{count} mails are sent", seconds, pause=0.1)
    except AssertionError as error:
        raise Stuck(str(error)) from error


def sent(database):
    return [at for (at,) in database.execute(SENT).fetchall()]
