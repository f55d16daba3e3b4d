"""What all tests share: hooks of pytest, and an environment without the user's settings."""

from __future__ import annotations

import gc
import hashlib
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings
from backprop_explorer.tape.threads import usable_processors
from tests.helpers import cases
from tests.helpers.environment import ROOT, without_settings

# The modules with the fixtures of many tests.
pytest_plugins = [
    f"tests.helpers.{each}" for each in ("browsers", "clients", "rooms", "servers", "stores")
]


def pytest_configure(config: pytest.Config) -> None:
    """Try all random examples where all cases run; read no certificates.

    Every new client of httpx reads those of certifi, which takes 0.012 s, and the servers of the
    tests have none. In this folder there are none either. A file with certificates that the user's
    environment names comes before the folder.
    """
    cases.everything = not config.option.markexpr
    os.environ["SSL_CERT_DIR"] = str(ROOT / "tests")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ.pop(name, None)
    # A busy machine needs longer than httpx's five seconds for what takes 0.01 s.
    patience = inspect.signature(httpx.get).parameters["timeout"].default
    patience.connect = patience.read = patience.write = patience.pool = 60.0
    # nbformat imports jsonschema, which imports this package where it is installed. To read its
    # grammars takes more than a second, and no test checks an internationalised address.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # What is imported and collected stays until the end: see pytest_collection_finish.
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage without the modules and thousands of tests that stay until the end.

    Each full collection would visit them all, which takes a quarter of a second.
    """
    gc.freeze()
    gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """The number of test processes: a test waits half of its time for a browser or a server."""
    return min(4, 2 * usable_processors())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright keeps an event loop running in their thread.

    ``asyncio.run`` of any later test would find it and refuse. Otherwise the order stays.

    One that fails runs once more. The summary lists it under ``RERUN`` with both results: a test
    or a page that does not wait for what it needs is to be mended, but it does not fail the run.
    """
    items.sort(key=in_browser)
    for item in filter(in_browser, items):
        item.add_marker(pytest.mark.flaky(reruns=1))


def in_browser(item: pytest.Item) -> bool:
    """Whether a test uses Chromium."""
    return "profile" in getattr(item, "fixturenames", ())


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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a store of the test's own, and no 202 because the machine is busy."""
    return Settings(store=str(tmp_path / "store.sqlite3"), limits=Limits(frame_budget_seconds=60))
