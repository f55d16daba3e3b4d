"""Defects of what the browser shows."""

from __future__ import annotations

from tests.mutations import Mutation

PAGE: list[Mutation] = [
    # Words too pale, in the light theme alone.
    Mutation(
        "static/css/tokens.css",
        "  --soft: #5a5d63;",
        "  --soft: #a5a8ae;",
        ("tests/page/test_access_everywhere.py",),
    ),
]
