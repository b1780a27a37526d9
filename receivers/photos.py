"""What follows from events of `project.photos`."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from project.jobs import enqueue
from project.photos.models import Photo, Rendition
from tasks import thumbnails


@receiver(post_save, sender=Photo, dispatch_uid="photos.on_photo_saved")
def on_photo_saved(instance: Photo, raw: bool, **_: Any) -> None:
    """A photo was uploaded or replaced: draw its renditions, remove the original that it replaced."""
    if raw:
        return
    enqueue(thumbnails.draw_renditions, about=instance, photo_id=instance.pk)
    enqueue(thumbnails.draw_later, about=instance, priority=-1, photo_id=instance.pk)
    if replaced := instance.changed().get("image"):
        enqueue(thumbnails.remove_files, about=instance, photo_id=instance.pk, names=[str(replaced[0])])


@receiver(post_delete, sender=Photo, dispatch_uid="photos.on_photo_deleted")
def on_photo_deleted(instance: Photo, **_: Any) -> None:
    """A photo is gone: remove its original."""
    enqueue(thumbnails.remove_files, about=instance, photo_id=instance.pk, names=[str(instance.image)])


@receiver(post_delete, sender=Rendition, dispatch_uid="photos.on_rendition_deleted")
def on_rendition_deleted(instance: Rendition, **_: Any) -> None:
    """A rendition is gone, with its photo or replaced: remove its file."""
    enqueue(thumbnails.remove_files, about=instance, photo_id=instance.photo_id, names=[str(instance.file)])
