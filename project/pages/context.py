"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """Tell whether mails are kept, so that the navigation can lead to them."""
    return {"keeps_mail": settings.KEEPS_MAIL}
