"""A notebook as a student writes it, in JupyterLab in a browser: run cell by cell, light and dark.

Pictures of all outputs are kept in ``test-output/jupyterlab`` of the checkout. JupyterLab is served
below a path, as in a hub, and the explorer is reached through jupyter-server-proxy.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.helpers.browsers import DESK
from tests.helpers.environment import ROOT, environment
from tests.helpers.servers import stop_server
from tests.notebook.test_kernel import CELLS

# JupyterLab and its kernel start in 20 s alone, and beside other tests in several times that.
pytestmark = [pytest.mark.timeout(400), pytest.mark.exhaustive]

TOKEN = "notebook"
BASE = "/user/ada/"
PICTURES = ROOT / "test-output" / "jupyterlab"
EXPLORE = "bx.explore(bx.trace(layers, x, target, activations=activations))"
TRACE, CHECK, CODE, FIGURE, EXPLAIN, FRAME = range(1, 7)
# The notice about news would ask the internet.
QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
# Cells that are not on screen stay in the page.
WHOLE = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
# Whether a cell's prompt has the form: [*] once it is to run, [1] when it has ended.
PROMPT = r"""([cell, form]) => new RegExp(form).test(
    document.querySelectorAll('.jp-CodeCell')[cell]?.querySelector('.jp-InputPrompt')?.textContent)"""
BEGUN, ENDED = r"\[[\d*]+\]", r"\[\d+\]"
# The contrast of every text in an output with what is behind it, the least of all.
CONTRAST = """(output) => {
    const painter = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const layers = (element) => {
        const found = [];
        for (let at = element; at; at = at.parentElement) {
            found.unshift(getComputedStyle(at).backgroundColor);
        }
        return found;
    };
    const drawn = (colours) => {
        painter.fillStyle = 'white';
        painter.fillRect(0, 0, 1, 1);
        for (const colour of colours) {
            painter.fillStyle = colour;
            painter.fillRect(0, 0, 1, 1);
        }
        return [...painter.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.map((v) => v / 255)
            .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let least = 21;
    for (const element of output.querySelectorAll('td, div, summary, b, span')) {
        const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!own || !element.checkVisibility()) continue;
        const behind = layers(element);
        const text = getComputedStyle(element).color;
        const [a, b] = [light(drawn(behind)), light(drawn([...behind, text]))];
        least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return least;
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the notebook in JupyterLab."""
    folder = tmp_path_factory.mktemp("lab")
    work, config, runtime = folder / "work", folder / "config", folder / "runtime"
    (config / "labconfig").mkdir(parents=True)
    (config / "labconfig" / "page_config.json").write_text(json.dumps(QUIET))
    (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(WHOLE))
    work.mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    import nbformat  # here, because it takes seconds

    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in (*CELLS, EXPLORE)],
        metadata={"kernelspec": kernel},
    )
    nbformat.write(notebook, work / "week42.ipynb")
    variables = {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTERHUB_SERVICE_PREFIX": BASE,
        # Not the whole path: an earlier test may have put modules of its own in front.
        "PYTHONPATH": str(ROOT / "app"),
    }
    options = [
        *("--no-browser", "--allow-root", "--expose-app-in-browser"),
        *("--ServerApp.port=0", f"--ServerApp.base_url={BASE}", f"--ServerApp.root_dir={work}"),
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=work,
            env=environment(**variables),
            stdout=errors,
            stderr=errors,
            text=True,
        )
    try:
        yield f"{_address(process, log)}lab/tree/week42.ipynb?token={TOKEN}"
    finally:
        stop_server(process)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """Wait until the server answers and return its address."""
    for _ in range(600):
        found = [word for word in log.read_text().split() if word.startswith("http://127.0.0.1:")]
        address = found[0].partition(BASE)[0] + BASE if found else ""
        try:
            if found and httpx.get(f"{address}api?token={TOKEN}").status_code == 200:
                return address
        except httpx.TransportError:
            pass
        if process.poll() is not None:
            break
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    pytest.fail(f"JupyterLab did not start\n{log.read_text()}")


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab: str) -> Iterator[Page]:
    """The notebook after all cells were run with Shift+Enter, one after the other."""
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lab)
    cells = page.locator(".jp-CodeCell")
    expect(cells).to_have_count(len(CELLS) + 1, timeout=60_000)
    kernel = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(kernel).to_have_attribute("data-status", "idle", timeout=60_000)
    for index in range(len(CELLS) + 1):
        run_cell(page, index)
    yield page
    context.close()
    origin = lab.partition(BASE)[0]
    others = [url for url in asked if not url.startswith((origin, "data:", "blob:"))]
    assert others == []


def run_cell(page: Page, index: int) -> None:
    """Press Shift+Enter in a cell and wait until it has ended.

    On a busy machine JupyterLab may not listen to keys yet when all its cells are there.
    """
    for _ in range(6):
        page.locator(".jp-CodeCell").nth(index).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        with suppress(WaitedTooLong):
            page.wait_for_function(PROMPT, arg=[index, BEGUN])
            break
    try:
        page.wait_for_function(PROMPT, arg=[index, ENDED], timeout=60_000)
    except WaitedTooLong:
        said = page.locator(".jp-Notebook").inner_text()
        pytest.fail(f"Cell {index} did not end: {said[-2000:]}")


def test_every_cell_shows_its_result(notebook: Page) -> None:
    cells = notebook.locator(".jp-CodeCell")
    expect(notebook.locator(".jp-OutputArea-output[data-mime-type*='error']")).to_have_count(0)
    expect(cells.nth(TRACE).locator(".bx summary").first).to_contain_text("Givens")
    line = cells.nth(TRACE).locator(".bx details details").first
    expect(line.locator("math").first).to_be_visible()
    expect(line.locator(".bx-m")).to_be_hidden()
    line.locator("summary").click()
    expect(line.locator(".bx-m")).to_be_visible()
    expect(cells.nth(CHECK).locator(".bx-wrong")).to_contain_text("z1")
    expect(cells.nth(CODE).locator("tr.bx-bad")).to_have_count(1)
    expect(cells.nth(CODE).locator("tr.bx-bad")).to_contain_text("W2.T @ dC_da2")
    expect(cells.nth(FIGURE).locator(".main-svg").first).to_be_visible()


def test_the_explorer_is_in_the_cell(notebook: Page) -> None:
    cell = notebook.locator(".jp-CodeCell").nth(FRAME)
    address = cell.locator("iframe").get_attribute("src") or ""
    assert address.startswith(f"{BASE}proxy/")
    frame = cell.frame_locator("iframe")
    expect(frame.locator('body[data-ready="true"]')).to_be_attached(timeout=60_000)
    ribbon = frame.locator('[data-panel="ribbon"]')
    expect(ribbon.locator('[data-line="z1"]')).to_be_visible(timeout=30_000)
    expect(frame.locator('[data-figure="network"] .main-svg').first).to_be_visible(timeout=30_000)
    for hidden in (".top", ".transport", ".dock", '[data-panel="experiment"]'):
        expect(frame.locator(hidden)).to_be_hidden()
    ribbon.locator('[data-line="dC_dW2"]').click()
    expect(frame.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dW2")
    expect(cell.get_by_role("link", name="Open in its own tab")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_outputs_are_readable_in_light_and_dark(notebook: Page, theme: str) -> None:
    name = theme.split()[1].lower()
    notebook.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    expect(notebook.locator("body")).to_have_attribute(
        "data-jp-theme-light", "true" if name == "light" else "false"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    cells = notebook.locator(".jp-CodeCell")
    for index in (TRACE, CHECK, CODE, FIGURE, EXPLAIN, FRAME):
        cell = cells.nth(index)
        cell.scroll_into_view_if_needed()
        if index in (TRACE, CHECK, CODE, EXPLAIN):
            assert cell.locator(".bx").evaluate(CONTRAST) >= 4.5, index
        cell.screenshot(path=PICTURES / f"{name}-{index}.png")
