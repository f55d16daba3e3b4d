"""What the browser tests share: reading the page as a person does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Locator, Page, Request, Route, expect

MINUS = "\N{MINUS SIGN}"
READY = 'body[data-ready="true"]'
FIGURE = """name => {
    const box = document.querySelector(`[data-figure="${name}"]`);
    return box.classList.contains('js-plotly-plot') ? box : box.querySelector('.js-plotly-plot');
}"""

# In every frame, and a tenth of a second apart where there are none.
UNTIL = """([selector, seconds]) => new Promise((resolve) => {
    const late = performance.now() + 1000 * seconds;
    let timer = 0;
    const look = () => {
        clearTimeout(timer);
        const found = document.querySelector(selector) !== null;
        if (found || performance.now() > late) return resolve(found);
        const frame = requestAnimationFrame(look);
        timer = setTimeout(() => (cancelAnimationFrame(frame), look()), 100);
    };
    look();
})"""

# Functions for scripts that walk through lines in the page itself. From outside, each key, each
# wait and each look is a request of its own to the browser, which takes longer than the drawing.
WALKING = """
const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
const press = (key) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
};
const until = async (happened, seconds = 20) => {
    const late = performance.now() + 1000 * seconds;
    while (!happened() && performance.now() < late) await frame();
};
// What working and ribbon say that the line is.
const line = () => [
    '[data-panel="working"]', '[data-panel="ribbon"] [data-line][aria-current="step"]',
].map((selector) => document.querySelector(selector)?.dataset.line).join();
const arrived = (expected) => until(() => line() === `${expected},${expected}`);
"""

# What it changes is kept in the page for LEAVE, which takes it back.
SHOW_ONLY = """(selector) => {
    const kept = document.querySelector(selector);
    const { width, height } = kept.getBoundingClientRect();
    const styles = [[kept, kept.style.cssText]];
    Object.assign(kept.style, { width: `${width}px`, height: `${height}px`, flex: 'none' });
    for (let inner = kept; inner !== document.body; inner = inner.parentElement)
        for (const other of inner.parentElement.children)
            if (other !== inner) {
                styles.push([other, other.style.cssText]);
                other.style.display = 'none';
            }
    window.stylesBefore = styles;
}"""


def show_only(page: Page, selector: str) -> None:
    """Hide all but one element, which keeps its size, and do without motion.

    For tests that choose hundreds of lines: layout, painting and animation of the rest take most
    of the time of each.
    """
    page.emulate_media(reduced_motion="reduce")
    # What is kept comes to the upper left, where the mouse is at first: it would point at it.
    size = page.viewport_size
    assert size is not None
    page.mouse.move(size["width"] - 1, size["height"] - 1)
    page.evaluate(SHOW_ONLY, selector)


def until(page: Page, selector: str, seconds: float = 20) -> bool:
    """Wait until something is there, as CSS, and return whether it is.

    Where it is not, an ``expect`` says what is there instead. On its own ``expect`` looks twice a
    second once a third of a second is over, and writes a snapshot of the whole page each time it
    has looked in vain.
    """
    with suppress(Error):  # another page has come
        return bool(page.evaluate(UNTIL, [selector, seconds]))
    return False


def expect_ready(page: Page) -> None:
    """Wait until the page's scripts have drawn it."""
    if not until(page, READY):
        expect(page.locator("body")).to_have_attribute("data-ready", "true")


# Close menus and dialogs, pause the run and set speeds back: no address of a view has these.
LEAVE = """() => {
    if (document.body?.dataset.ready !== 'true') return false;
    for (const each of document.querySelectorAll(':popover-open')) each.hidePopover();
    for (const each of document.querySelectorAll('dialog[open]')) each.close();
    const groups = document.querySelectorAll('details:is(.group, .submitted-numbers)[open]');
    for (const each of groups) each.open = false;
    document.querySelector('[data-slot="notice"] button:not([data-action])')?.click();
    document.querySelector('[data-action="experiment"][aria-expanded="true"]')?.click();
    const pause = document.querySelector('[data-action="pause"]');
    if (pause?.checkVisibility()) pause.click();
    for (const each of document.querySelectorAll('[data-control$="speed"], [data-control$="pace"]'))
        if (each.value !== each.defaultValue) {
            each.value = each.defaultValue;
            each.dispatchEvent(new Event('input', { bubbles: true }));
        }
    for (const [each, style] of window.stylesBefore ?? []) each.style.cssText = style;
    delete window.stylesBefore;
    document.activeElement?.blur();
    return true;
}"""


# Whether the lines are seen and, if its tab is open, the network.
DRAWN = """() => {
    const seen = (selector) => document.querySelector(selector)?.getClientRects().length > 0;
    return seen('[data-panel="ribbon"] [data-line="z1"]') &&
        (!seen('[data-figure="network"]') || seen('[data-figure="network"] .main-svg'));
}"""


def is_explorer(page: Page) -> bool:
    """Whether the explorer is open, of any view."""
    return urlsplit(page.url)[2:4] == ("/", "")


def leave(page: Page) -> None:
    """Stop what a test has left running in a page."""
    if is_explorer(page):
        page.evaluate(LEAVE)
    else:
        page.goto("about:blank")


def open_page(page: Page, fragment: str = "") -> None:
    """Open the explorer and wait until the first frame and its working are drawn.

    Where it is open already, as on a page that tests share, it only shows another view.
    """
    if is_explorer(page) and page.evaluate(LEAVE):
        page.mouse.move(0, 0)
        go_to(page, fragment or "#")
    else:
        page.goto(f"/{fragment or '#line=z1'}")  # with a view: the whole page
    expect_ready(page)
    if not page.evaluate(DRAWN):
        expect(page.locator('[data-panel="ribbon"] [data-line="z1"]')).to_be_visible()
        if figure(page, "network").is_visible():  # on a phone another tab may be open
            expect(figure(page, "network").locator(".main-svg").first).to_be_visible()


def press_notation(page: Page, control: str, value: str | None = None) -> None:
    """Press a choice, or a switch, in the menu of how the working is written, and close it."""
    action(page, "notation").click()
    menu = page.locator("#notation")
    if value is None:
        action(menu, control).click()
    else:
        menu.locator(f'[data-control="{control}"] [data-value="{value}"]').click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def open_elsewhere(page: Page) -> None:
    """Load the view that is shown anew, with nothing but its address."""
    address = page.url
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")
    page.goto(address)
    expect_ready(page)


TWO_FRAMES = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)))"""


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Wait at the end until every request made inside is answered and drawn.

    A request that the page sends later, for instance a moment after the last key, is not included.
    """
    asked: set[Request] = set()

    def begun(request: Request) -> None:
        asked.add(request)

    def ended(request: Request) -> None:
        asked.discard(request)

    page.on("request", begun)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    yield
    idle = False
    while not idle:
        idle = not asked
        page.evaluate(TWO_FRAMES)
        idle &= not asked
    page.remove_listener("request", begun)
    page.remove_listener("requestfinished", ended)
    page.remove_listener("requestfailed", ended)


def go_to(page: Page, fragment: str) -> None:
    """Show another view in the explorer that is open; it takes a third of opening it anew."""
    with answered(page):
        page.evaluate("fragment => { location.hash = fragment; }", fragment)


def few_routes(page: Page, *names: str) -> None:
    """Let the documentation have these routes only, with one refusal and the schemas of each.

    It draws all 49 anew whenever one is opened, in 1.5 processor seconds, and of each a dozen
    refusals that are alike.
    """

    def fewer(route: Route) -> None:
        response = route.fetch()
        document = response.json()
        paths = {name: document["paths"][f"/api/v1/{name}"] for name in names}
        for operation in (each for path in paths.values() for each in path.values()):
            answers = operation["responses"]
            refusal = next(code for code in answers if code >= "400")
            operation["responses"] = {
                code: answers[code] for code in answers if code < "400" or code == refusal
            }
        every = document["components"]["schemas"]
        kept: dict[str, Any] = {}
        missing = schemas_in(paths)
        while missing:
            kept |= {name: every[name] for name in missing}
            missing = schemas_in(kept) - kept.keys()
        document["components"]["schemas"] = {name: every[name] for name in every if name in kept}
        document["paths"] = {f"/api/v1/{name}": each for name, each in paths.items()}
        route.fulfill(response=response, json=document)

    page.route("**/openapi.json", fewer)


def schemas_in(part: Any) -> set[str]:
    """The names of the schemas that a part of an OpenAPI document refers to."""
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


def figure(page: Page, name: str) -> Locator:
    """A figure by its hook."""
    return page.locator(f'[data-figure="{name}"]').first


OPEN_GROUP = """selector => document.querySelector(selector)
    ?.closest('details.group')?.setAttribute('open', '')"""
# Controls of the settings, each in a group that is opened for it.
OF_SETTINGS = {
    *("draw-points", "own-table", "layer-add", "layer-remove"),
    *("units-more", "units-fewer", "reseed"),
}


def action(page: Page, name: str) -> Locator:
    """A control by its hook."""
    if name in OF_SETTINGS:
        page.evaluate(OPEN_GROUP, f'[data-action="{name}"]')
    return page.locator(f'[data-action="{name}"]').first


def field(page: Page, path: str) -> Locator:
    """A form control by its path in the experiment, in its group, which is opened."""
    page.evaluate(OPEN_GROUP, f'[data-field="{path}"]')
    return page.locator(f'[data-field="{path}"]').first


def readout(page: Page, name: str) -> Locator:
    """A read-out by its hook."""
    return page.locator(f'[data-readout="{name}"]').first


def number(locator: Locator) -> float:
    """The first number in what a read-out says."""
    text = locator.inner_text().replace(MINUS, "-")
    found = re.search(r"[-+]?\d[\d.]*(?:e[-+]?\d+)?", text)
    assert found is not None, text
    return float(found.group())


def entry(page: Page, variable: str, index: str) -> Locator:
    """An entry of a matrix in the working."""
    return page.locator(
        f'[data-panel="working"] [data-variable="{variable}"] [data-index="{index}"]'
    ).first


def value(cell: Locator) -> float:
    """The full value of an entry."""
    return float(str(cell.get_attribute("title")).replace(MINUS, "-"))


def edits(page: Page) -> Locator:
    """The changes on the way, in the form."""
    return page.locator('[data-panel="edits"] li')


def line_ids(page: Page) -> list[str]:
    """The ids on the ribbon in order."""
    items = page.locator('[data-panel="ribbon"] [data-line]')
    return [str(i) for i in items.evaluate_all("all => all.map(item => item.dataset.line)")]


def expect_line(page: Page, line: str) -> None:
    """Wait until ribbon and working show ``line``."""
    current = '[data-panel="ribbon"] [data-line][aria-current="step"]'
    shown = f'[data-panel="working"][data-line="{line}"]'
    if not until(page, f'body:has({shown}):has({current}[data-line="{line}"])'):
        expect(page.locator(current)).to_have_attribute("data-line", line)
        expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", line)


def traces(page: Page, name: str) -> Any:
    """The data of a figure as Plotly has it."""
    script = f"name => ({FIGURE})(name).data.map(t => ({{type: t.type, x: [...(t.x || [])]}}))"
    return page.evaluate(script, name)


def neuron_place(page: Page, index: int) -> tuple[float, float]:
    """Where on the page the network's ``index``-th neuron is, the inputs counted first."""
    script = f"""index => {{
        document.querySelector('details.group[open]')?.removeAttribute('open');
        const figure = ({FIGURE})('network');
        const trace = figure.data.find(t => t.mode && t.mode.startsWith('markers'));
        const {{ xaxis, yaxis }} = figure._fullLayout;
        const box = figure.getBoundingClientRect();
        return [
            box.left + xaxis._offset + xaxis.c2p(trace.x[index]),
            box.top + yaxis._offset + yaxis.c2p(trace.y[index]),
        ];
    }}"""
    x, y = page.evaluate(script, index)
    return float(x), float(y)


def go_to_step(page: Page, step: int) -> None:
    """Type a step and wait until the page is there."""
    box = page.locator('[data-control="step"]')
    box.fill(str(step))
    box.press("Enter")
    expect_working_of(page, step)
    expect(readout(page, "step")).to_have_text(str(step))


def expect_working_of(page: Page, step: int) -> None:
    """Wait until the working shows the numbers of ``step``."""
    if not until(page, f'[data-panel="working"][data-step="{step}"]'):
        expect(page.locator('[data-panel="working"]')).to_have_attribute("data-step", str(step))


def choose_line(page: Page, line: str) -> None:
    """Choose a line on the ribbon and wait until the working shows it."""
    page.locator(f'[data-panel="ribbon"] [data-line="{line}"]').click()
    if not until(page, f'[data-panel="working"][data-line="{line}"]'):
        expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", line)


@contextmanager
def held(page: Page, locator: Locator) -> Iterator[None]:
    """Hold the mouse button down on something while what stands inside happens."""
    locator.hover()
    page.mouse.down()
    yield
    page.mouse.up()
