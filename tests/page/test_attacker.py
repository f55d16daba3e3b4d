"""Pages of other sites, in a real Chromium: on another port, and under a name that was rebound."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.types import ASGIApp

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.browsers import CHROMIUM_FLAGS, chromium_path
from tests.helpers.clients import Client
from tests.helpers.serving import serving

EVIL = "evil.example"

# No other test asks for this one, so that it exists only if the attack succeeds.
RECIPE = {"dataset": {"name": "moons", "seed": 987654321}}
TABLE = "only,here\n1,987654321\n2,987654322\n"

# A form can send text that happens to be JSON, as long as there may be a "=" in it.
ATTACK = """<!doctype html><title>a page of another site</title>
<form id="form" method="post" enctype="text/plain" action="{target}/api/v1/experiments"
      target="frame"><input name='{{"dataset": {{"name": "moons", "seed": 987654321}}, "a": "'
      value='"}}'></form>
<form id="upload" method="post" enctype="multipart/form-data" action="{target}/api/v1/datasets"
      target="frame"><input name="file" value="only,here"></form>
<iframe name="frame" id="frame"></iframe>
"""

# Tries each way that a page has, and returns what it could read or embed.
TRY_EVERYTHING = """
async ([target, recipe, table]) => {
  const body = JSON.stringify(recipe);
  const read = [];
  const settled = (element, address) => new Promise((resolve) => {
    element.addEventListener("load", () => resolve("loaded"));
    element.addEventListener("error", () => resolve("failed"));
    setTimeout(() => resolve("nothing"), 8000);
    element[element.localName === "link" ? "href" : "src"] = address;
    document.body.append(element);
  });
  const attempt = async (path, options) => {
    try {
      const response = await fetch(target + path, options);
      if (response.type !== "opaque") read.push(await response.text());
    } catch { /* refused by the browser */ }
  };
  const json = {"Content-Type": "application/json"};
  const experiments = "/api/v1/experiments";
  await attempt("/api/v1/catalog", {});
  await attempt("/api/v1/catalog", {credentials: "include"});
  await attempt(experiments, {method: "POST", body, headers: json});
  await attempt(experiments, {method: "POST", body});
  await attempt(experiments, {method: "POST", body, mode: "no-cors"});
  await attempt(experiments, {method: "POST", body: new Blob([body]), mode: "no-cors"});
  await attempt("/api/v1/datasets", {method: "POST", body: table, mode: "no-cors"});
  await attempt("/api/v1/datasets", {
    method: "POST", body: new Blob([table], {type: "text/csv"}), mode: "no-cors",
  });
  for (const method of ["PUT", "PATCH", "DELETE"]) await attempt(experiments, {method, body});
  await attempt("/healthz", {mode: "no-cors"});
  navigator.sendBeacon(target + experiments, body);
  navigator.sendBeacon(target + experiments, new Blob([body], {type: "text/plain"}));

  const image = document.createElement("img");
  if (await settled(image, target + "/static/icon.svg") === "loaded") read.push("img");
  const script = document.createElement("script");
  if (await settled(script, target + "/static/js/core/format.js") === "loaded") read.push("script");
  const style = Object.assign(document.createElement("link"), {rel: "stylesheet"});
  if (await settled(style, target + "/static/css/base.css") === "loaded") read.push("style");
  const events = await new Promise((resolve) => {
    const source = new EventSource(target + "/api/v1/catalog");
    source.onopen = () => resolve("open");
    source.onerror = () => { source.close(); resolve("failed"); };
  });
  if (events === "open") read.push("event source");
  const socket = await new Promise((resolve) => {
    const made = new WebSocket(target.replace("http", "ws") + experiments);
    made.onopen = () => resolve("open");
    made.onerror = () => resolve("failed");
  });
  if (socket === "open") read.push("web socket");

  const inside = (frame) => {
    try { return frame.contentDocument?.body?.innerText ?? ""; } catch { return ""; }
  };
  const page = document.createElement("iframe");
  await settled(page, target + "/");
  read.push(inside(page));
  for (const form of ["#form", "#upload"]) {
    const frame = document.querySelector("#frame");
    await new Promise((resolve) => {
      frame.addEventListener("load", resolve, {once: true});
      document.querySelector(form).submit();
    });
    read.push(inside(frame));
  }
  return read.filter((text) => text !== "");
}
"""


class AttackPage(BaseHTTPRequestHandler):
    target = ""

    def do_GET(self) -> None:
        body = ATTACK.format(target=self.target).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def attack_site(target: str) -> Iterator[int]:
    """The port of a site on this machine, whose page knows the server's address."""
    handler = type("Handler", (AttackPage,), {"target": target})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site.server_port
        site.shutdown()
        thread.join()


@pytest.fixture
def target_app(settings: Settings, tmp_path: Path) -> ASGIApp:
    """The program for this test alone."""
    own = {"workers": 0, "store": str(tmp_path / "target.sqlite3")}
    return create_app(settings.model_copy(update=own))


@pytest.fixture
def target(target_app: ASGIApp) -> Iterator[str]:
    """The address where it is served."""
    with serving(target_app) as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def rebinding(browser: Browser) -> Iterator[Browser]:
    """A browser for which evil.example is this machine, as after a rebinding of its name."""
    flags = [*CHROMIUM_FLAGS, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]
    other = browser.browser_type.launch(executable_path=chromium_path(), args=flags)
    yield other
    other.close()


@pytest.fixture
def rebound(rebinding: Browser) -> Iterator[BrowserContext]:
    """That browser, as if it was never anywhere."""
    context = rebinding.new_context()
    yield context
    context.close()


def answers(page: Page) -> list[tuple[str, str, int]]:
    """(method, url, status) of all that is answered from now on."""
    found: list[tuple[str, str, int]] = []
    page.on("response", lambda each: found.append((each.request.method, each.url, each.status)))
    return found


def expect_nothing_changed(server: str, client: Client) -> None:
    """The experiment is not there, but is once it is asked for: what was looked for is right."""
    # The id is the same on every server: this one, in this process, tells what to look for.
    made = client.post("/api/v1/experiments", json=RECIPE)
    assert made.status_code == 201
    csv = {"Content-Type": "text/csv"}
    rows = client.post("/api/v1/datasets", content=TABLE.encode(), headers=csv).json()["dataset"]
    own = {"dataset": rows, "network": {"layers": [{"units": 1, "activation": "identity"}]}}
    own["cost"] = {"name": "mse"}
    place = f"{server}/api/v1/experiments/{made.json()['id']}"
    with httpx.Client(base_url=server, timeout=60) as script:
        assert script.get(place).status_code == 404
        assert "upload" in script.post("/api/v1/experiments", json=own).text
        assert script.post("/api/v1/experiments", json=RECIPE).status_code == 201
        assert script.get(place).status_code == 200


def test_a_page_of_another_site_changes_and_reads_nothing(
    browser: Browser, target: str, client: Client
) -> None:
    context = browser.new_context()
    page = context.new_page()
    found = answers(page)
    with attack_site(target) as port:
        page.goto(f"http://127.0.0.1:{port}")
        assert page.evaluate(TRY_EVERYTHING, [target, RECIPE, TABLE]) == []
    context.close()
    # The forms did reach the server, and nothing came of that or of anything else.
    assert ("POST", f"{target}/api/v1/experiments", 403) in found
    assert ("POST", f"{target}/api/v1/datasets", 403) in found
    assert not [each for each in found if each[0] == "POST" and each[2] < 400]
    expect_nothing_changed(target, client)


def test_a_page_whose_name_is_this_machine_is_refused_everything(
    rebound: BrowserContext, target: str, client: Client
) -> None:
    """Another port of the same name: what is sent says "same-site"."""
    page = rebound.new_page()
    found = answers(page)
    by_name = target.replace("127.0.0.1", EVIL)
    with attack_site(by_name) as port:
        page.goto(f"http://{EVIL}:{port}")
        assert page.evaluate(TRY_EVERYTHING, [by_name, RECIPE, TABLE]) == []
    asked = [each for each in found if each[1].startswith(by_name)]
    # The frame and the forms; what the browser itself keeps from the page is not told here.
    assert len(asked) >= 3
    assert {status for _, _, status in asked} == {400}
    expect_nothing_changed(target, client)


ASK_HOME = """
async (recipe) => {
  const ask = async (path, options) => {
    const response = await fetch(path, options);
    return [response.status, (await response.text()).slice(0, 2000)];
  };
  const body = JSON.stringify(recipe);
  return [
    await ask("/"),
    await ask("/api/v1/catalog"),
    await ask("/metrics"),
    await ask("/static/js/main.js"),
    await ask("/api/v1/experiments", {
      method: "POST", body, headers: {"Content-Type": "application/json"},
    }),
  ];
}
"""


def test_a_name_that_is_rebound_while_its_page_is_open(
    rebound: BrowserContext, target_app: ASGIApp, client: Client
) -> None:
    """The page of evil.example stays, and its address becomes the server's: all is same-origin."""
    page = rebound.new_page()
    with attack_site("") as port:
        page.goto(f"http://{EVIL}:{port}")
    with serving(target_app, port=port):
        for status, text in page.evaluate(ASK_HOME, RECIPE):
            assert status == 400
            assert "does not answer to the name" in text
        expect_nothing_changed(f"http://127.0.0.1:{port}", client)
