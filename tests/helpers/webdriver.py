"""Firefox and WebKitGTK, driven by the commands of W3C WebDriver.

Playwright drives builds of its own of these two, which no package of a distribution has. WebKitGTK
answers WebDriver by HTTP through WebKitWebDriver. Firefox answers the same commands itself, as JSON
over a socket (Marionette), so that it needs no geckodriver.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.helpers.redis_server import free_port

START_SECONDS = 60.0
COMMAND_SECONDS = 60.0
MINI_BROWSERS = ("/usr/lib/*/webkit2gtk-4.1/MiniBrowser", "/usr/libexec/webkit2gtk-4.1/MiniBrowser")
# Names of keys in WebDriver.
ARROW_LEFT, ARROW_RIGHT = "\ue012", "\ue014"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# Runs a function in the page and waits for the promise that it returns.
RUN = """const done = arguments[arguments.length - 1];
Promise.resolve().then(() => (%s)(arguments[0])).then(
    (value) => done({ value: value ?? null }),
    (error) => done({ error: String(error) }),
);"""
UNTIL = """([selector, seconds]) => new Promise((resolve, reject) => {
    const late = performance.now() + 1000 * seconds;
    const look = () => {
        if (document.querySelector(selector)) return resolve();
        if (performance.now() > late) return reject(`not there: ${selector}`);
        setTimeout(look, 20);
    };
    look();
})"""
ERRORS = """() => {
    window.errorsForTest = [];
    const keep = (event) => window.errorsForTest.push(String(event.message ?? event.reason));
    addEventListener('error', keep);
    addEventListener('unhandledrejection', keep);
}"""

# Marionette's names of the endpoints.
FIREFOX_COMMANDS = {
    "url": "Navigate",
    "execute/async": "ExecuteAsyncScript",
    "actions": "PerformActions",
    "screenshot": "TakeScreenshot",
    "element": "FindElement",
    "click": "ElementClick",
    "value": "ElementSendKeys",
}
FIREFOX_PREFERENCES = {
    "marionette.port": 0,
    # No requests of its own, and nothing to read at the first start.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    # One process for pages, and none in advance.
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "fission.autostart": False,
    # None of the extensions that come with it, a fifth of its start.
    "extensions.enabledScopes": 0,
    "extensions.formautofill.addresses.enabled": False,
    "extensions.formautofill.creditCards.enabled": False,
    "extensions.screenshots.disabled": True,
    "extensions.webextensions.remote": False,
    "browser.newtabpage.enabled": False,
    "ui.prefersReducedMotion": 1,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "startup.homepage_welcome_url": "about:blank",
    "toolkit.telemetry.server": "",
}


class WebDriver:
    """A browser window. ``evaluate`` is called like that of Playwright's pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def command(self, name: str, **parameters: Any) -> Any:
        """Send the WebDriver command of this endpoint, such as ``element``; return its value."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the browser and its driver."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with this browser; its output goes to a file of the folder."""
        with (self.folder / "browser.log").open("ab") as log:
            environment = {**os.environ, "HOME": str(self.folder), **variables}
            process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def wait_for(self, attempt: Callable[[], Any]) -> Any:
        """Return what ``attempt()`` returns as soon as that is neither None nor an OSError."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if (found := attempt()) is not None:
                    return found
            except (OSError, httpx.TransportError):
                pass
            time.sleep(0.02)
        pytest.fail(f"the browser did not start:\n{(self.folder / 'browser.log').read_text()}")

    def open(self, url: str) -> None:
        """Open a page and wait until its script says that it is ready."""
        self.command("url", url=url)
        self.evaluate(ERRORS)
        self.until('body[data-ready="true"]')

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """Call a JavaScript function; return what its promise resolves to."""
        answer = self.command("execute/async", script=RUN % function, args=[argument])
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def until(self, selector: str, seconds: float = 30) -> None:
        """Wait until an element is there."""
        self.evaluate(UNTIL, [selector, seconds])

    def find(self, selector: str) -> str:
        """The id of the first element that matches."""
        found = self.command("element", using="css selector", value=selector)
        return str(found[ELEMENT])

    def click(self, selector: str) -> None:
        """Click on the first element that matches."""
        self.command(f"element/{self.find(selector)}/click")

    def write(self, selector: str, text: str) -> None:
        """Type into the first element that matches."""
        self.command(f"element/{self.find(selector)}/value", text=text)

    def press(self, key: str) -> None:
        """Press and release a key."""
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.command("actions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def text(self, selector: str) -> str:
        """The text of the first element that matches."""
        return str(self.evaluate("(s) => document.querySelector(s).textContent", selector))

    def errors(self) -> list[str]:
        """Errors of the page's scripts since it was opened."""
        return list(self.evaluate("() => window.errorsForTest"))

    def screenshot(self, path: Path) -> None:
        """Write a PNG of the window."""
        path.write_bytes(base64.b64decode(self.command("screenshot")))


class Firefox(WebDriver):
    """A headless Firefox."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            pytest.fail("No Firefox. Run: sudo apt-get install firefox-esr")
        profile = folder / "profile"
        profile.mkdir()
        lines = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in FIREFOX_PREFERENCES.items()
        ]
        (profile / "user.js").write_text("\n".join(lines))
        window = ("--width", "1440", "--height", "900")
        self.start(
            *(program, "--headless", "--marionette", "--no-remote", *window),
            *("--profile", str(profile), "about:blank"),
        )
        # Firefox makes the file before it writes the number.
        port = self.wait_for(lambda: (profile / "MarionetteActivePort").read_text() or None)
        self._socket = self.wait_for(lambda: socket.create_connection(("127.0.0.1", int(port))))
        self._socket.settimeout(COMMAND_SECONDS)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._read()
        self._send("NewSession", {})
        self._send("SetTimeouts", {"script": 1000 * int(COMMAND_SECONDS)})

    def command(self, name: str, **parameters: Any) -> Any:
        if name.startswith("element/"):
            _, parameters["id"], name = name.split("/")
        answer = self._send(FIREFOX_COMMANDS[name], parameters)
        return answer.get("value")

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()
        super().__exit__()

    def _send(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{name}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, number, error, value = self._read()
        assert number == self._number
        assert error is None, f"{name}: {error}"
        return dict(value)

    def _read(self) -> Any:
        length = b""
        while (character := self._stream.read(1)) != b":":
            assert character, "Firefox ended"
            length += character
        return json.loads(self._stream.read(int(length)))


class WebKit(WebDriver):
    """WebKitGTK's MiniBrowser on a screen in memory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = (path for each in MINI_BROWSERS for path in Path("/").glob(each[1:]))
        browser = next(found, None)
        if browser is None or not shutil.which("WebKitWebDriver") or not shutil.which("Xvfb"):
            pytest.fail("No WebKitGTK. Run: sudo apt-get install webkit2gtk-driver xvfb")
        display = folder / "display"
        with display.open("wb") as number:
            screen = ("-screen", "0", "1440x1000x24", "-nolisten", "tcp")
            words = ["Xvfb", *screen, "-displayfd", str(number.fileno())]
            self._processes.append(
                subprocess.Popen(words, pass_fds=[number.fileno()], stderr=subprocess.DEVNULL)
            )
        # Pages prefer reduced motion then.
        settings = folder / ".config" / "gtk-3.0" / "settings.ini"
        settings.parent.mkdir(parents=True)
        settings.write_text("[Settings]\ngtk-enable-animations=0\n")
        port = free_port()
        self.start(
            *("WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"),
            DISPLAY=f":{self.wait_for(lambda: display.read_text().strip() or None)}",
            GDK_BACKEND="x11",
            # A machine without a graphics card.
            LIBGL_ALWAYS_SOFTWARE="1",
            WEBKIT_DISABLE_DMABUF_RENDERER="1",
        )
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=COMMAND_SECONDS, trust_env=False
        )
        self.wait_for(lambda: self._client.get("/status"))
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self._value(self._client.post("/session", json={"capabilities": wanted}))
        self._session = f"/session/{session['sessionId']}"
        self.command("timeouts", script=1000 * int(COMMAND_SECONDS))
        self.command("window/rect", x=0, y=0, width=1440, height=900)

    def command(self, name: str, **parameters: Any) -> Any:
        path = f"{self._session}/{name}"
        if name == "screenshot":
            return self._value(self._client.get(path))
        return self._value(self._client.post(path, json=parameters))

    def __exit__(self, *_: object) -> None:
        self._client.delete(self._session)
        self._client.close()
        super().__exit__()

    def _value(self, answer: httpx.Response) -> Any:
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value
