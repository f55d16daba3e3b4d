"""Log lines as JSON objects, each with the id of the request.

    {"time": "2026-03-01T09:30:00.123Z", "level": "warning", "logger": "uvicorn.error",
     "request": "5f0c…", "message": "…"}

The fields of ``extra={"fields": {…}}`` are added.
"""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar

# The id of the current request, in its asyncio task and in the worker that computes for it.
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    """Formats a record as one line; a traceback becomes the field "exception"."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON object."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": REQUEST_ID.get(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # ASCII only: text from a request must not end the line or send codes to a terminal.
        return json.dumps({key: each for key, each in line.items() if each is not None})


def set_up_logging(level: str) -> None:
    """Write records of ``level`` and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
