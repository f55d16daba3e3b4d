"""What the tests share: an application in this process, a real server, a watched browser page."""

from __future__ import annotations

import hashlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
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

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from backprop_explorer.tape.processors import usable_processors
from tests.browser import leave
from tests.helpers import cases
from tests.helpers.stores import own_redis, shared_redis, store_address  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
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
# No page of a test stays long enough for what the optimising compilers take, a fifth of all. The
# benchmarks have them, as users do.
NOT_OPTIMISED = "--js-flags=--no-opt --no-maglev"
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


# The same of a page that tests share.
OF_PAGES = tuple(name for name in STAYING if name != "set_geolocation")
# Of the media nothing is emulated.
USUAL_MEDIA: dict[str, Any] = dict.fromkeys(
    ("media", "color_scheme", "reduced_motion", "forced_colors", "contrast"), "null"
)


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of this process without the user's EXPLORER_ settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EXPLORER_") or name == "EXPLORER_CHROMIUM"
    }
    # The folder outlives the run: what takes seconds to make is made in the first run alone.
    return {**kept, "XDG_CACHE_HOME": str(ROOT / ".cache"), **changes}


def pytest_configure(config: pytest.Config) -> None:
    """Try all random examples where all cases run; read no certificates.

    Every new client of httpx reads those of certifi, which takes 0.012 s, and the servers of the
    tests have none. In this folder there are none either.
    """
    cases.everything = not config.option.markexpr
    os.environ["SSL_CERT_DIR"] = str(ROOT / "tests")


def pytest_xdist_auto_num_workers() -> int:
    """The number of test processes: a test waits half of its time for a browser or a server."""
    return min(4, 2 * usable_processors())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright keeps an event loop running in their thread.

    ``asyncio.run`` of any later test would find it and refuse. Otherwise the order stays.
    """
    items.sort(key=lambda item: "profile" in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Keep the user's settings out of the tests, and the tests out of the user's folders.

    A program that a test runs may change how NumPy prints: the next test has the defaults again.
    Few tests use the data folder, so it is only named here: ``tmp_path`` would make one for each of
    thousands of tests, and searches all the others for a free name.
    """
    without_settings(monkeypatch)
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]
    data = tmp_path_factory.getbasetemp() / f"data-of-{name}"
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    with np.printoptions():
        yield


def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the user's settings, and use the checkout's folder for caches."""
    for variable in list(os.environ):
        if variable.startswith("EXPLORER_") and variable != "EXPLORER_CHROMIUM":
            monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT / ".cache"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a store of the test's own, and no 202 because the machine is busy."""
    return Settings(store=str(tmp_path / "store.sqlite3"), limits=Limits(frame_budget_seconds=60))


class Client:
    """Requests to an application in this process, without a socket.

    The application runs in the event loop of another thread, since Playwright's occupies this one.
    """

    def __init__(
        self, app: FastAPI, portal: BlockingPortal, *, base_url: str = "http://127.0.0.1"
    ) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url, timeout=60)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send a request and return its whole answer; options are those of httpx."""
        return self._portal.call(partial(self._client.request, method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Send a POST request."""
        return self.request("POST", url, **options)

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a coroutine function returns in the application's event loop."""
        return self._portal.call(function, *args)

    def put(self, url: str, **options: Any) -> httpx.Response:
        """Send a PUT request."""
        return self.request("PUT", url, **options)

    def close(self) -> None:
        """Close the connections, and what computes for the application."""
        self._portal.call(self._client.aclose)
        if hasattr(self.app.state, "rooms"):
            self._portal.call(self.app.state.rooms.close)
        if hasattr(self.app.state, "pool"):
            self._portal.call(self.app.state.pool.close)


MakeClient = Callable[[FastAPI], Client]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def make_client(portal: BlockingPortal) -> Iterator[MakeClient]:
    """A function that makes a client of any application."""
    made: list[Client] = []

    def make(app: FastAPI) -> Client:
        made.append(Client(app, portal))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(settings: Settings, make_client: MakeClient) -> Client:
    """A client of the whole application, built for this test."""
    return make_client(create_app(settings))


@pytest.fixture(scope="session")
def shared_client(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client of one application for all tests that do not depend on what it was asked before.

    Building an application takes 0.07 s, which is most of the time of many tests.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_settings(monkeypatch)
        store = tmp_path_factory.mktemp("shared") / "store.sqlite3"
        app = create_app(Settings(store=str(store), limits=Limits(frame_budget_seconds=60)))
    client = Client(app, portal)
    yield client
    client.close()


@dataclass
class RunningServer:
    """A server process, and where its output goes."""

    process: subprocess.Popen[str]
    url: str
    log: Path


def start_server(
    folder: Path, *arguments: str, new_group: bool = False, **variables: str
) -> RunningServer:
    """Start ``python -m backprop_explorer`` on a free port, and return when it answers.

    ``new_group``: in a process group of its own, so that a test can send signals to the group.
    """
    log = folder / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "backprop_explorer", "--port", "0", *arguments],
            cwd=ROOT,
            env=environment(
                **{"XDG_DATA_HOME": str(folder / "data"), "EXPLORER_WORKERS": "1", **variables}
            ),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=new_group,
        )
    deadline = time.monotonic() + START_SECONDS
    line = _first_line(process, deadline)
    found = re.search(r"http://\S+", line)
    if found is None:
        stop_server(process)
        pytest.fail(f"The server did not start: {line!r}\n{log.read_text()}")
    url = found.group()
    if re.fullmatch(r"http://(localhost|[\d.]+|\[.*\]):\d+", url) is None:
        # A name that a test allows is none that the resolver knows.
        url = f"http://127.0.0.1:{url.rpartition(':')[2]}"
    while True:
        try:
            if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                return RunningServer(process, url, log)
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            stop_server(process)
            pytest.fail(f"The server does not answer at {url}\n{log.read_text()}")


def stop_server(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    """End a server and return its exit code."""
    process.send_signal(number)
    try:
        return process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail("The server did not stop within 15 seconds")
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str], deadline: float) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(timeout=deadline - time.monotonic()):
            return ""
    return process.stdout.readline()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The server process that the tests of a session share."""
    running = start_server(tmp_path_factory.mktemp("server"), EXPLORER_WORKERS="2")
    yield running
    stop_server(running.process)


@pytest.fixture(scope="session")
def server(running_server: RunningServer) -> str:
    """The base URL of a real server, such as ``http://127.0.0.1:40123``."""
    return running_server.url


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

    There it keeps what it made of the scripts. Where it keeps nothing, as in every new context, it
    parses 4 MB of Plotly anew for each page: a quarter of what opening one takes. All pages of the
    server share a process, which is warm from the second page on.
    """
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium_path(SHELL),
            args=[*CHROMIUM_FLAGS, NOT_OPTIMISED, "--process-per-site"],
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
    failed = request.session.testsfailed
    yield page
    page_watch.detach(page)
    if shared and (request.session.testsfailed > failed or page_watch.unexpected()):
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
    """Let methods fail whose effect nothing takes back."""

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
