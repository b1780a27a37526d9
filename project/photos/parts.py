"""A file of which only so many parts are read: to look at the header of one with a million takes a minute."""

from typing import Any

MOST_READS = 200_000  # a GIF of 20 MB takes 160,000, its pictures are in blocks of 255 bytes; a JPEG a few hundred


class TooManyPartsError(Exception):
    """The file's header has no end."""


class Counted:
    """An open file for Pillow. Reads MOST_READS times, then raises TooManyPartsError."""

    def __init__(self, file: Any) -> None:
        self._read, self._left = file.read, MOST_READS
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        self._left -= 1
        if self._left < 0:
            raise TooManyPartsError
        return bytes(self._read(size))
