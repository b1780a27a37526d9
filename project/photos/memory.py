"""A ceiling for the memory that a picture may take, held by the kernel: what asks for more gets an error."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST = 1_000 * 2**20  # bytes beyond what the process has already; 50 megapixels of an animated WebP take 800 MB
STATM = Path("/proc/self/statm")  # Linux's; the first number is the pages of its address space


@contextmanager
def ceiling(most: int = MOST) -> Iterator[None]:
    """Let the process have no more than that many further bytes meanwhile: asking for more raises MemoryError.

    Only where jobs run in the main thread, as in a worker's child: a limit is the whole process's, and neighbours in
    threads would meet it. No more than the limit that is there already.
    """
    if threading.current_thread() is not threading.main_thread() or not STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = int(STATM.read_text().split()[0]) * resource.getpagesize() + most
    limits = [each for each in (limit, soft) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
