"""Texts of ``web``."""

from __future__ import annotations

# web/connections.py
INVALID_HTTP = "The request is not valid HTTP/1.1."

# web/server.py
LENGTH_OR_ENCODING = "Send either Content-Length or Transfer-Encoding, not both."
TOO_MANY_REQUESTS = "The server has too many requests; try again soon."
STOPPING = "The server is stopping; try again soon."
