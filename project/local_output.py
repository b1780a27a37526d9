"""Runs inside supervisor: writes what the programs say, each line behind the program's name.

By supervisor's interface for extensions, not as an event listener: that is another process, which gets the output as
text. Of 60,000 lines said at once it lost 8 (a piece was cut inside a character), and of 6,000 said while everything
was being stopped it lost 137 (a listener that is stopped is sent nothing more).
"""

import signal
import sys
from contextlib import suppress
from typing import Any

from supervisor import events

unfinished: dict[bytes, bytes] = {}


def name_lines(supervisor: Any) -> object:
    """Subscribe to the output. Supervisor calls it at its start, and wants an object whose methods it could offer."""
    events.subscribe(events.ProcessLogEvent, show)
    events.subscribe(events.ProcessStateExitedEvent, finish)
    events.subscribe(events.ProcessStateStoppedEvent, finish)
    events.subscribe(events.ProcessStateFatalEvent, give_up)
    events.subscribe(events.SupervisorRunningEvent, lambda _: end_with_the_terminal(supervisor))
    return object()


def show(event: Any) -> None:
    """Write the whole lines; what has no end yet waits for it."""
    name = event.process.config.name.encode()
    *lines, rest = (unfinished.pop(name, b"") + event.data).split(b"\n")
    if rest:
        unfinished[name] = rest
    write(b"".join(b"%-19s | %s\n" % (name, line) for line in lines))


def finish(event: Any) -> None:
    """Write the last line of a program that ended, if it has no end."""
    name = event.process.config.name.encode()
    if rest := unfinished.pop(name, b""):
        write(b"%-19s | %s\n" % (name, rest))


def give_up(event: Any) -> None:
    """Say which program will not be started again."""
    write(b"%s does not start, and is not tried again. Mend it and start anew.\n" % event.process.config.name.encode())


def write(text: bytes) -> None:
    """Write to the terminal; one that is gone must not stop the programs."""
    with suppress(OSError):
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()


def end_with_the_terminal(supervisor: Any) -> None:
    """End everything when the terminal is closed: supervisor would start everything anew, without one."""
    signal.signal(signal.SIGHUP, lambda *_: supervisor.options.signal_receiver.receive(signal.SIGTERM, None))
