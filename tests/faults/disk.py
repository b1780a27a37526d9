"""The disk for media: a small one of its own that can really be full."""

import os
import shutil
import subprocess
from contextlib import suppress

import psutil

SIZE = 96  # megabytes
CHUNK = 4096  # bytes: a page, so that no smaller piece is left
TINY = 50  # bytes; no picture and no invoice is smaller


class Disk:
    """A tmpfs where one may be mounted, elsewhere the kernel's own limit on the size of files.

    It is set on the processes that write media: they then get EFBIG instead of ENOSPC (and cannot write their logs, nor
    a SQLite database).
    """

    def __init__(self, folder):
        self.media = folder / "media"
        self.media.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "tmpfs", str(self.media)]
        may = os.getuid() == 0 and shutil.which("mount")
        self.mounted = may and subprocess.run(words, capture_output=True, check=False).returncode == 0
        self.programs = []

    def fill(self, programs):
        """Let it be full. programs: those that write there."""
        if self.mounted:
            with open(self.media / ".full", "wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(CHUNK))
            return
        self.programs = programs
        self.limit(TINY)

    def free(self):
        if self.mounted:
            (self.media / ".full").unlink(missing_ok=True)
        else:
            self.limit(psutil.RLIM_INFINITY)

    def limit(self, size):
        for process in [process for program in self.programs for process in program.tree()]:
            with suppress(psutil.Error):
                process.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))

    def remove(self, *, keep):
        """Unmount it. keep: what was on it goes into the folder below."""
        if self.mounted:
            if keep:
                shutil.copytree(self.media, f"{self.media}-kept")
            subprocess.run(["umount", "--lazy", str(self.media)], check=False)
