"""What keeps the house in order: profiles, warm pages, the audit trail."""

from typing import Any

from project.accounts.models import Profile, User
from project.audit import changes as audit
from project.blog import pages
from project.blog.models import Post
from project.jobs import task
from project.notifications import events
from project.pages import expiry, sweeping


@task(queue="housekeeping")
def create_profile(*, user_id: int) -> None:
    """Create the profile of a new user.

    Idempotent: a profile that is there stays.
    Gives up: after 10 attempts, about 10 minutes; the profile is then made when it is first asked for.
    """
    Profile.of(User.objects.get(pk=user_id))


@task(queue="housekeeping", slow=True)
def warm_post(*, post_id: int) -> None:
    """Render the present version of a post's page into the cache.

    Idempotent: a version that is in the cache stays. A post that is gone has no page.
    Gives up: after 10 attempts, about 10 minutes; the page is then rendered when somebody reads it.
    """
    post = Post.objects.select_related("author").filter(pk=post_id).first()
    if post:
        pages.article(post)


@task(queue="housekeeping", bundle=100)
def record_change(
    *, entry_id: str, at: str, actor: str, action: str, target: str, changes: dict[str, list[Any]]
) -> None:
    """Write one entry of the audit trail.

    Idempotent: the entry has its id from who asked for it.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and still says what changed.
    """
    audit.record(
        {
            "entry_id": entry_id,
            "at": at,
            "actor": actor,
            "action": action,
            "target": target,
            "changes": changes,
        }
    )


@task(queue="housekeeping", slow=True)
def clear_expired() -> None:
    """Remove sessions that ended, results that nobody reads any more, and old notes of mails.

    Idempotent: what is gone is gone.
    Gives up: after 10 attempts, about 10 minutes; the next day's run does it all.
    """
    expiry.clear()


@task(queue="housekeeping", slow=True)
def sweep_media() -> None:
    """Remove files that no row names, such as an upload's whose transaction did not commit.

    Idempotent: what is gone is gone, and what is young stays.
    Gives up: after 10 attempts, about 10 minutes; the next day's run does it all.
    """
    sweeping.sweep()


@task(queue="housekeeping")
def note_bad_news(*, event: str, message_id: str, recipient: str, suppress: str, reason: str) -> None:
    """Note what a mail provider told: a mail bounced, was refused, or was called spam.

    Idempotent: the first such news of a mail stays, as does an address's first reason not to be written to.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and still says what was told.
    """
    events.note(
        {"event": event, "message_id": message_id, "recipient": recipient, "suppress": suppress, "reason": reason}
    )
