"""Renditions of photographs."""

from project.jobs import task
from project.jobs.policies import Policy
from project.photos import renditions
from project.photos.uploads import UnreadablePictureError

DRAWING = Policy(permanent=(UnreadablePictureError,))


@task(queue="thumbnails", slow=True, policy=DRAWING, keep_result=True)
def draw_renditions(*, photo_id: int) -> int:
    """Draw the renditions that a photo lacks; returns their number.

    Idempotent: what is there is not drawn again. A photo that is gone needs none.
    Gives up: after 10 attempts, about 10 minutes; a picture that cannot be read is `failed` at once.
    """
    return renditions.draw_missing(photo_id)


@task(queue="thumbnails", slow=True, policy=DRAWING, keep_result=True)
def draw_later(*, photo_id: int) -> int:
    """Draw those that may wait: AVIF, which takes longest, and animations; returns their number.

    Idempotent: what is there is not drawn again. A photo that is gone needs none.
    Gives up: after 10 attempts, about 10 minutes; a picture that cannot be read is `failed` at once.
    """
    return renditions.draw_missing(photo_id, later=True)


@task(queue="thumbnails", slow=True)
def remove_files(*, photo_id: int, names: list[str]) -> None:
    """Remove files of a photo that nothing names any more.

    Idempotent: a file that is in use, or gone, is left as it is.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and the sweep finds the files.
    """
    renditions.remove(names, photo_id)
