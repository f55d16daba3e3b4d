"""Requests of a page that wait until a test lets them go."""

from __future__ import annotations

import re
import time
from contextlib import suppress

from playwright.sync_api import Error, Page, Route

SECONDS = 20.0


class Held:
    """From now on every request that fits waits."""

    def __init__(self, page: Page, pattern: str, method: str = "GET") -> None:
        self._page = page
        self._pattern = re.compile(pattern)
        self._method = method
        self._routes: list[Route] = []
        page.route(self._pattern, self._hold)
        # Chromium answers that it holds requests before the page knows: one in thirty that came of
        # a key pressed then was not held. What is evaluated comes to the page after that.
        page.evaluate("0")

    def wait(self, count: int = 1) -> None:
        """Wait until so many are held."""
        late = time.monotonic() + SECONDS
        while len(self._routes) < count:
            assert time.monotonic() < late, f"{len(self._routes)} requests, not {count}"
            self._page.evaluate("0")  # what the browser says is heard while one waits for it

    @property
    def urls(self) -> list[str]:
        """What those that are held ask for."""
        return [route.request.url for route in self._routes]

    def release(self) -> None:
        """Let all go, and those that come later too."""
        self._page.unroute(self._pattern, self._hold)
        for route in self._routes:
            with suppress(Error):  # the page wants it no longer
                route.continue_()

    def _hold(self, route: Route) -> None:
        if route.request.method == self._method:
            self._routes.append(route)
        else:
            route.fallback()
