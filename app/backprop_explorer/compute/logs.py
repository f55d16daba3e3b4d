"""Log lines that programs can read: one JSON object each, with the id of the request.

    {"time": "2026-03-01T09:30:00.123Z", "level": "warning", "logger": "uvicorn.error",
     "request": "5f0c…", "message": "…"}

What a record has as ``extra={"fields": {…}}`` is added.
"""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar

# The id of the request that is being answered, in its task and in the thread that it waits for.
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    """One line for each record; a traceback is text in it."""

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
        # Escaped to ASCII: nothing that somebody asked for can end a line or colour a terminal.
        return json.dumps({key: each for key, each in line.items() if each is not None})


def set_up_logging(level: str) -> None:
    """Write what is at least as severe as ``level`` to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler])
