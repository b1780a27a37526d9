"""Renditions of photographs."""

from project.jobs import task
from project.photos import renditions
from project.photos.models import Photo


@task(queue="thumbnails", slow=True, keep_result=True)
def draw_renditions(*, photo_id: int) -> int:
    """Draw the renditions that a photo lacks; returns their number.

    Idempotent: what is there is not drawn again. A photo that is gone needs none.
    Gives up: at the first failure (a picture that cannot be read); the job is then `failed`.
    """
    photo = Photo.objects.filter(pk=photo_id).first()
    return renditions.draw_missing(photo) if photo else 0


@task(queue="thumbnails")
def remove_files(*, photo_id: int, names: list[str]) -> None:
    """Remove files of a photo that nothing names any more.

    Idempotent: a file that is in use, or gone, is left as it is.
    Gives up: at the first failure; the job is then `failed`.
    """
    renditions.remove(names, photo_id)
