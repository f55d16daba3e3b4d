"""Chromium and its pages, as fixtures: watched, and with nothing of the tests before them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser import leave

# Each new window would load the pages of its address bar, unseen here, beside ours: half a
# second of two cores. The last list of a command line holds, so Playwright's is repeated.
FEATURES_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES_OFF)}",
)
# The same Chromium without windows, tabs and an address bar, which the tests do not look at.
SHELL = "chromium-headless-shell"
DESK: ViewportSize = {"width": 1440, "height": 900}
# All that a page can keep; not the files that the server lets it keep.
KEPT = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage"

# A busy machine needs longer for what takes 0.1 s; only what fails waits for it.
EXPECT_MS = 20_000
expect.set_options(timeout=EXPECT_MS)

# What a context can be given and not be rid of.
STAYING = (
    "add_init_script",
    "expose_binding",
    "expose_function",
    "set_default_navigation_timeout",
    "set_default_timeout",
    "set_extra_http_headers",
    "set_geolocation",
)


# What a page that tests share can be given and not be rid of.
OF_PAGES = tuple(name for name in STAYING if name != "set_geolocation")
# With these values Playwright emulates no media.
USUAL_MEDIA: dict[str, Any] = dict.fromkeys(
    ("media", "color_scheme", "reduced_motion", "forced_colors", "contrast"), "null"
)


Made = Generator[None, pytest.TestReport, pytest.TestReport]
# Whether a test failed, also if it runs once more and that first failure is not counted.
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Made:
    """Note for the fixtures whether the test has failed so far."""
    report = yield
    item.stash[FAILED] = report.failed or (report.when != "setup" and item.stash[FAILED])
    return report


def chromium_path(*first: str) -> str:
    """Find a Chromium, one of ``first`` if it is there, or fail with the line that installs one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", SHELL)
    candidates = (os.environ.get("EXPLORER_CHROMIUM"), *map(shutil.which, (*first, *names)))
    path = next(filter(None, candidates), None)
    if path is None:
        pytest.fail("No Chromium. Run: sudo apt-get install chromium  (or set EXPLORER_CHROMIUM)")
    return path


@pytest.fixture(scope="session")
def profile(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One headless Chromium for the session, with a folder of its own.

    There it keeps the compiled scripts. A new context keeps nothing and compiles them again for
    each page.
    """
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium_path(SHELL),
            args=CHROMIUM_FLAGS,
            base_url=server,
            viewport=DESK,
        )
        # The first page came with the browser, and stays: with it the process of the site.
        context.pages[0].goto("/static/icon.svg")

        why = "This stays in every page to come. Take lone_page instead of page."
        refuse_lasting(context, STAYING, why)
        refuse_lasting(context.clock, ("install", "set_fixed_time", "set_system_time"), why)
        yield context
        context.close()


@pytest.fixture(scope="session")
def browser(profile: BrowserContext) -> Browser:
    """The Chromium of the session; what opens a context of its own begins with nothing."""
    assert profile.browser is not None
    return profile.browser


@dataclass
class PageWatch:
    """What went wrong in a page. A test that provokes an error allows it beforehand."""

    origin: str
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect problems that this regular expression finds."""
        self.allowed.append(re.compile(pattern))

    def attach(self, page: Page) -> None:
        """Watch a page. Chromium writes every violation of the CSP to the console as an error."""
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.on("request", self._on_request)

    def detach(self, page: Page) -> None:
        """Stop watching a page."""
        page.remove_listener("console", self._on_console)
        page.remove_listener("pageerror", self._on_page_error)
        page.remove_listener("request", self._on_request)

    def unexpected(self) -> list[str]:
        """Return the problems that were not allowed."""
        return [
            problem
            for problem in self.problems
            if not any(pattern.search(problem) for pattern in self.allowed)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location.get("url", "")
            self.problems.append(f"console: {message.text} ({place})")

    def _on_page_error(self, error: Error) -> None:
        self.problems.append(f"exception: {error}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")


@pytest.fixture
def page_watch(server: str) -> PageWatch:
    """What ``page`` did wrong: the test fails at its end if there is anything not allowed."""
    return PageWatch(server)


@pytest.fixture(scope="session")
def staying(profile: BrowserContext) -> list[Page]:
    """Pages that stay open from test to test; the first keeps the process of the server's pages."""
    return profile.pages[:1]


@pytest.fixture(scope="session")
def keep_page(profile: BrowserContext, staying: list[Page]) -> Callable[[], Page]:
    """A function that returns the page that tests share."""

    def keep() -> Page:
        if len(staying) == 1 or staying[1].is_closed():
            staying[1:] = [profile.new_page()]
            refuse_lasting(staying[1], OF_PAGES, "This stays in the page. Mark the test own_page.")
        return staying[1]

    return keep


@pytest.fixture
def page(
    request: pytest.FixtureRequest,
    profile: BrowserContext,
    staying: list[Page],
    page_watch: PageWatch,
) -> Iterator[Page]:
    """An empty page, 1440 × 900; ``page.goto("/")`` opens the server's.

    Of the tests before it there is nothing left but the files that the browser may keep for ever.
    With the mark ``shared_page``, but not ``own_page``, it is the page that the last such test had,
    if that passed.
    """
    marked = request.node.get_closest_marker
    shared = marked("shared_page") is not None and marked("own_page") is None
    page = request.getfixturevalue("keep_page")() if shared else profile.new_page()
    listeners = note_listeners(page) if shared else []
    page_watch.attach(page)
    yield page
    page_watch.detach(page)
    if shared and (request.node.stash[FAILED] or page_watch.unexpected()):
        page.close()
    elif shared:
        for event, listener in listeners:
            with suppress(KeyError):  # the test has removed it
                page.remove_listener(event, listener)
        page.unroute_all()
        page.emulate_media(**USUAL_MEDIA)
        page.set_viewport_size(DESK)
        leave(page)
    forget(profile, {page_watch.origin, *map(origin_of, page_watch.requests)}, staying)
    assert page_watch.unexpected() == []


def note_listeners(page: Page) -> list[tuple[Any, Callable[..., Any]]]:
    """The listeners that are added to a page from now on, as they are added."""
    noted: list[tuple[Any, Callable[..., Any]]] = []
    add = type(page).on

    def on(event: Any, listener: Callable[..., Any]) -> None:
        noted.append((event, listener))
        add(page, event, listener)

    page.on = on  # type: ignore[method-assign]
    return noted


def refuse_lasting(owner: object, names: Iterable[str], why: str) -> None:
    """Replace methods of ``owner`` by ones that fail the test: their effect cannot be undone."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail(why)

    for name in names:
        setattr(owner, name, refuse)


@pytest.fixture
def lone_page(browser: Browser, server: str, page_watch: PageWatch) -> Iterator[Page]:
    """A page like ``page`` in a browser that was never here, for what would stay in the other."""
    context = browser.new_context(base_url=server, viewport=DESK)
    page = context.new_page()
    page_watch.attach(page)
    yield page
    context.close()
    assert page_watch.unexpected() == []


def origin_of(url: str) -> str:
    """The origin of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def forget(profile: BrowserContext, origins: set[str], staying: list[Page]) -> None:
    """Close all pages but ``staying``; forget what pages kept and what they were allowed."""
    for page in profile.pages:
        if page not in staying:
            page.close()
    profile.unroute_all()
    profile.clear_permissions()
    profile.clear_cookies()
    profile.set_offline(offline=False)
    session = profile.new_cdp_session(staying[0])
    for origin in origins:
        if origin.startswith("http"):
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT})
    session.detach()
