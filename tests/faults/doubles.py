"""How often a mail goes out twice: workers are killed while they send, again and again, and then all mails are counted.

The mail server takes 50 ms for each reply, and notes a mail just before it says 250. People sign up without end, and
each gets a mail. A kill comes at a random moment; what it hit the rows tell, which nobody changes at once.

Exit 0: what must be 0 is, and nothing speaks against the limit. 1: else; or the limit is exceeded, beyond chance.
"""

import argparse
import random
import signal
import sys
import time
from uuid import uuid4

import django
from django.core.management import call_command

from tests.faults.programs import python, send
from tests.faults.run import say
from tests.faults.twice import count, told
from tests.faults.world import TICK, World
from tests.mail_server import mail_server

REPLY = 0.05  # seconds
ONE = ["-P", "prefork", "-c", "1"]  # a child that is killed is replaced at once: hundreds of kills in minutes
SENDS = (
    1.5,
    3.0,
)  # seconds; a new process takes the processor for one, and others would wait for it: none should die then
FEW, MANY = 100, 200  # mails that wait at least, and that are asked for then
PATIENCE = 180  # seconds until the last mail is sent
WHO = {"actor": "doubles", "reason": "killed three times"}


def main():
    options = parsed()
    with Sending(options) as world:
        say("starting the servers")
        world.start_servers()
        django.setup()
        call_command("migrate", verbosity=0)
        say("killing")
        world.work()
        while world.hits < options.kills:
            world.look()
        say("waiting for the last mails")
        world.finish()
        return told(count(world))


def parsed():
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.doubles", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=300, help="that hit a worker which was sending; 300")
    parser.add_argument("--one", action="store_true", help="one mail at a time in a process; else 20 threads in each")
    parser.add_argument("--workers", type=int, default=3, help="so that some send while one starts; 3")
    parser.add_argument("--without-notes", action="store_true", help="as if they could not be written")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs, database and the journal")
    parser.set_defaults(database="postgres", broker="redis", plain=False)
    return parser.parse_args()


class Sending(World):
    """Workers that send. kills: when each was, and the Message-IDs of what was being sent then."""

    def __init__(self, options):
        super().__init__(options)
        self.journal, self.kills = self.folder / "accepted.jsonl", []
        self.slow = self.undo.enter_context(mail_server(REPLY, self.journal))

    def environment(self):
        own = {"MAIL_NOTES_ROOT": "/dev/null/notes"} if self.options.without_notes else {}
        return super().environment() | own | {"EMAIL_URL": f"smtp://127.0.0.1:{self.slow.port}"}

    def work(self):
        pool = ONE if self.options.one else []
        names = [f"email-{number}" for number in range(self.options.workers)]
        words = ("celery_worker.py", "run", "email", "--")
        self.senders = {self.begin(name, python(*words, *pool, "-n", f"{name}@%h")): None for name in names}

    @property
    def hits(self):
        return sum(bool(mails) for _, mails in self.kills)

    def look(self):
        """Ask for mails where few are left; kill who has been sending for a random while."""
        self.tick()
        self.ask()
        for worker, due in list(self.senders.items()):
            if due and time.monotonic() > due:
                time.sleep(random.uniform(0, TICK))  # a look comes at about the pace of the server's replies
                self.senders[worker] = self.kill(worker)
            elif not due and worker.lives and hands(self.victim(worker)):
                self.senders[worker] = time.monotonic() + random.uniform(*SENDS)

    def victim(self, worker):
        """Return the process that sends."""
        return next(iter(worker.children()), None) if self.options.one else worker.process

    def kill(self, worker):
        if victim := self.victim(worker):
            at = time.time()
            send(signal.SIGKILL, [victim])
            self.kills.append((at, set(hands(victim, state="sending"))))

    def ask(self):
        from project.accounts.models import User  # noqa: PLC0415  models are ready only now

        if unsent().count() < FEW:
            names = [uuid4().hex for _ in range(MANY)]
            User.objects.bulk_create(User(username=name, email=f"{name}@example.com") for name in names)

    def finish(self):
        """Wait until all is sent. What took three workers along people let run again."""
        from project.jobs import control  # noqa: PLC0415  models are ready only now
        from project.jobs.models import Job  # noqa: PLC0415  as above

        def done():
            control.replay(Job.objects.filter(queue="email", state="failed"), **WHO)
            return not unsent().exists()

        self.wait("the last mails", done, PATIENCE)


def hands(process, **mails):
    """Return the Message-IDs of what a process has in its hands."""
    from project.notifications.models import Delivery  # noqa: PLC0415  models are ready only now

    found = Delivery.objects.filter(job__state="running", job__pid=process.pid if process else None, **mails)
    return list(found.values_list("message_id", flat=True))


def unsent():
    from project.jobs.models import UNSETTLED, Job  # noqa: PLC0415  models are ready only now

    return Job.objects.filter(queue="email", state__in=UNSETTLED)


if __name__ == "__main__":
    sys.exit(main())
