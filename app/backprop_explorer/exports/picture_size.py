"""The size of a picture, which a page names before anyone has drawn it."""

from __future__ import annotations

# Pixels, which sites show without cutting.
WIDTH, HEIGHT = 1200, 630
