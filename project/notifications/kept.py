"""Mails that Django's file backend keeps instead of sending them: embedded mode only."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from heapq import nlargest

from django.conf import settings

MOST = 100  # files; the list shows no more
# A line of 79 dashes ends a mail. Where somebody wrote one, no header follows it.
END = re.compile(rb"\n-{79}\n(?=[A-Za-z-]+: |\Z)")


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail, by its file's name and its place in it."""

    file: str
    index: int
    message: EmailMessage


def newest() -> Iterator[Kept]:
    """Yield the mails of the newest files, newest first."""
    for file in nlargest(MOST, files(), key=lambda file: (file.stat().st_mtime_ns, file.name)):
        yield from reversed(mails(file))


def find(name: str, index: int) -> Kept | None:
    """Return one mail. The name is looked for in the folder, never made into a path."""
    file = next((file for file in files() if file.name == name), None)
    kept = mails(file) if file else []
    return kept[index] if index < len(kept) else None


def files() -> list["os.DirEntry[str]"]:
    """Return the folder's files of mails; none where no mail made the folder yet."""
    try:
        with os.scandir(settings.EMAIL_FILE_PATH) as entries:
            return [entry for entry in entries if entry.name.endswith(".log") and entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def mails(file: "os.DirEntry[str]") -> list[Kept]:
    """Return the mails of a file, oldest first."""
    with open(file.path, "rb") as stream:
        texts = [text for text in END.split(stream.read()) if text.strip()]
    messages = (message_from_bytes(text, policy=policy.default) for text in texts)
    return [Kept(file.name, index, message) for index, message in enumerate(messages)]
