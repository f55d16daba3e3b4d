"""How long a text may be, in characters."""

from __future__ import annotations

# Of one submitted line.
MAX_TEXT = 4_000_000
# Of a pasted text with several arrays.
MAX_PASTED = 500_000
