"""Uploaded and made files in an S3-compatible store. An object appears whole or not at all, and overwrites its like."""

from datetime import datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

# Seconds, and tries. The library's own minute for each of five tries would hold a page, or a worker, for as long.
CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"max_attempts": 2})


class BucketStorage(S3Storage):  # type: ignore[misc]
    """S3, whose errors for what is not there are those of a folder."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=CONFIG, default_acl=None, file_overwrite=True, **options)

    def get_modified_time(self, name: str) -> datetime:
        """Return when the object was written. Raises FileNotFoundError."""
        try:
            return super().get_modified_time(name)  # type: ignore[no-any-return]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004  HTTP's "not found"
                raise FileNotFoundError(f"There is no {name} in the bucket.") from error
            raise
