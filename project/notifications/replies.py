"""What a mail server's reply means: again later, never, away, or nothing goes out until a person has mended something.

What is raised goes into logs, and names no people; the server's own words stay in the delivery.
"""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from project.jobs import JobsError
from project.jobs.policies import GiveUp, StopQueue

CLOSING = 421  # RFC 5321, 4.2.3
NEVER = 500  # and above; from 400 on it may be taken later
SERVERS = 500  # HTTP: and above it is the server's fault
# RFC 4954, 6: 530 login needed, 534 mechanism too weak, 535 login refused, 538 encryption needed. 525: RFC 5248.
LOGIN = frozenset({525, 530, 534, 535, 538})
TOO_BIG = 552
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s)")  # RFC 3463: says why in numbers
CONGESTED = "5.4.5"  # with it Gmail and others say that the mails of a day are used up
RELAY = frozenset({"relay", "relaying"})
RELAY_CODES = frozenset({550, 554})  # of servers that do not say why in numbers
POLICY = "5.7."


class Deferred(JobsError):
    """The mail server does not take this mail now."""


class Refused(GiveUp):
    """The mail server takes this mail never, or it is none that could be sent."""


class Unclear(GiveUp):
    """Nobody can tell whether the mail was accepted, and MAIL_AT_MOST_ONCE prefers a gap to a double."""


class Away(ConnectionError):
    """The mail server cannot be reached, or closes. It is the dependency that is away, not the mail that is wrong."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """error: what the job raises. answer: what the server said, as it said it; empty where it said nothing."""

    error: Exception
    answer: str = ""


def judge(error: Exception) -> Verdict:
    """Sort what was raised while a mail was sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return of_reply(error, code, in_words(words))
    if isinstance(error, smtplib.SMTPResponseException):
        return of_reply(error, error.smtp_code, in_words(error.smtp_error))
    if isinstance(getattr(error, "status_code", None), int):
        return of_provider(error)
    return Verdict(of_silence(error))


def of_reply(error: Exception, code: int, words: str) -> Verdict:
    """Sort a reply, by its code and by what it replied to."""
    answer = f"{code} {words}".strip()
    number = found.group() if (found := ENHANCED.match(words)) else ""
    return Verdict(meaning(error, code, number, words)(f"The mail server answered {code} {number}".strip()), answer)


def meaning(error: Exception, code: int, number: str, words: str) -> Callable[[str], Exception]:
    """Return what a reply makes of a mail. number: of the enhanced code, '' where there is none."""
    if code == CLOSING or isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Away
    if code < NEVER or number == CONGESTED:
        return Deferred
    if misses_login(code, number, words) or not is_about_this_mail(error, code):
        return StopQueue
    return Refused


def misses_login(code: int, number: str, words: str) -> bool:
    """Tell whether a refusal is for want of a login: many servers say only at the recipient that they do not relay.

    Words alone count: an address or a host may be called relay too.
    """
    if code in LOGIN:
        return True
    is_policy = number.startswith(POLICY) if number else code in RELAY_CODES
    return is_policy and not RELAY.isdisjoint(word.strip(".,:;!()'\"") for word in words.lower().split())


def is_about_this_mail(error: Exception, code: int) -> bool:
    """Tell whether another mail may fare better: the sender, the login and the encryption are the same for all."""
    if isinstance(error, smtplib.SMTPSenderRefused):
        return code == TOO_BIG  # RFC 1870: told its size with its sender
    return isinstance(error, smtplib.SMTPDataError | smtplib.SMTPRecipientsRefused)


def of_provider(error: Exception) -> Verdict:
    """Sort the answer of a provider's HTTP interface, by django-anymail."""
    status: int = error.status_code  # type: ignore[attr-defined]
    answer = f"HTTP {status} {getattr(error.response, 'text', '')}".strip()  # type: ignore[attr-defined]
    kinds: dict[int, Callable[[str], Exception]] = {401: StopQueue, 403: StopQueue, 408: Deferred, 429: Deferred}
    kind = kinds.get(status, Refused if status < SERVERS else Away)
    return Verdict(kind(f"The mail provider answered HTTP {status}"), answer)


def of_silence(error: Exception) -> Exception:
    """Sort what was raised without a reply."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return StopQueue(f"The mail server takes no login, or no encryption, as EMAIL_URL has them: {name}")
    if isinstance(error, OSError):  # smtplib's errors are some too, and a certificate's is also a ValueError
        return Away(f"The mail server is away: {name}")
    if isinstance(error, ValueError) or name == "AnymailRecipientsRefused":
        return Refused(f"The recipient's address, or the mail, is malformed: {name}")
    return StopQueue(str(error)) if isinstance(error, ImproperlyConfigured) else error


def code_of(error: Exception) -> int:
    """Return the code of the reply that an error tells of, or 0."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    return getattr(error, "smtp_code", None) or getattr(error, "status_code", None) or 0


def in_words(said: object) -> str:
    """Return what a server said as text."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
