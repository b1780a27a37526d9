"""Logs are events with stable names: `job_failed job=... task=...`. Columns for people, JSON in production."""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

TOKEN = re.compile(r"(?<=/mail/choices/)[^/\s]+")  # says somebody's address, in base64


def without_tokens(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask, where a line names a request, what its path says of a person."""
    for name in ("event", "request"):
        if isinstance(event.get(name), str):
            event[name] = TOKEN.sub("***", event[name])
    return event


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    without_tokens,
]


def configuration(log_format: str) -> dict[str, Any]:
    """Return the logging configuration: one handler, for our own loggers and for everybody else's."""
    renderer: list[structlog.typing.Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"events": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # One line a request and one a job are enough; these repeat them.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Set up the logs; Django calls it with LOGGING."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
