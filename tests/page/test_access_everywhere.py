"""axe-core on every page, in every theme, at every width: a page is opened once for many looks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.browser import READY, choose_line, few_routes, readout, until
from tests.helpers import cases
from tests.helpers.axe import ALIKE, FEWER, violations
from tests.helpers.browsers import PageWatch
from tests.helpers.cases import exhaustive
from tests.helpers.environment import ROOT
from tests.page.in_class import Newcomer, code_of, join

Look = tuple[int, str]  # a width of the window, and a theme
WIDTHS = {390: 844, 768: 1024, 1440: 900, 2560: 1440}
# What of the media decides about colours. Under forced colours the system's own are used, which
# axe-core does not see.
THEMES: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference", "forced_colors": "none"},
    "light, more contrast": {"color_scheme": "light", "contrast": "more", "forced_colors": "none"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more", "forced_colors": "none"},
    "forced colours": {"color_scheme": "light", "contrast": "more", "forced_colors": "active"},
}
# No style under forced colours depends on the width.
FORCED_AT = 1440
# Routes of pages, each with an address; those of a class have tests of their own below.
PAGES = {
    # With everything that can be open at once: a second run, an edit, health, Jacobians.
    "/": "/#step=20&jacobians=true&tab=health&reference={'edits':[]}"
    "&edits.0.step=10&edits.0.set=W1[0,1]&edits.0.to=0.5",
    "/lessons": "/lessons",
    "/lessons/{name}": "/lessons/one-layer-by-hand",
    "/lessons/{name}/sheet": "/lessons/one-layer-by-hand/sheet",
    "/programs": "/programs",
    "/programs/{program}": "/programs/batch_norm",
    "/check": "/check",
    "/join": "/join",
    "/teach": "/teach",
    "/teach/screen": "/teach/screen?room=K74Q-9XMD",
    "/address": "/address",
    "/docs": "/docs",
}
OF_A_CLASS = {"/join/{code}", "/teach/{code}"}
# What is there when the page is: the address needs no script.
LATER = dict.fromkeys(PAGES.keys() - {"/address"}, READY) | {"/docs": ".opblock-summary-control"}


FORCED = (FORCED_AT, "forced colours")
PLAIN = [name for name in THEMES if name != FORCED[1]]


def few(shift: int) -> list[Look]:
    """Two looks; as ``shift`` grows they go through all pairs of a width and a theme.

    Pages are built of the same parts. Forced colours are looked at with shift 0 only: axe-core does
    not judge the system's colours.
    """
    widths = [*WIDTHS]
    pairs = [(widths[k % 4], PLAIN[(k + k // 4) % 4]) for k in (2 * shift, 2 * shift + 1)]
    return pairs if shift else [*pairs, FORCED]


def others(shift: int) -> list[Look]:
    """All looks that are not among ``few``."""
    return [each for each in [*product(WIDTHS, PLAIN), FORCED] if each not in few(shift)]


def in_looks(shift: int) -> pytest.MarkDecorator:
    """Run a test of pages with ``looks``: with few of them, or in ``make test-all`` with all."""
    looks = [few(shift), exhaustive(others(shift))]
    return pytest.mark.parametrize("looks", looks, ids=["few", "rest"])


def found_in(page: Page, looks: Iterable[Look]) -> Iterator[str]:
    """What axe-core finds in any of ``looks``, in the page as it is open.

    Rules that are not about colours look at each width once, and where colours are forced. In each
    theme the rules of colours judge what looks otherwise than all before. Where all cases run, they
    judge everything once at each width, because more may lie under a text.
    """
    seen: set[int] = set()
    for width, name in looks:
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.emulate_media(**THEMES[name])  # type: ignore[arg-type]
        forced = (width, name) == FORCED
        first = width not in seen
        afresh = first and (cases.everything or not seen)
        seen.add(width)
        for each in violations(page, colours=not forced, others=first or forced, afresh=afresh):
            yield f"{width}, {name}: {each}"


def test_each_width_and_theme_is_looked_at_on_several_pages() -> None:
    looks = [each for shift in range(len(PAGES)) for each in few(shift)]
    assert {*looks} == {*product(WIDTHS, PLAIN), FORCED}


def test_every_route_of_a_page_is_here() -> None:
    source = (ROOT / "app/backprop_explorer/web/pages.py").read_text()
    # A recording and the check of a program are looked at where these are tested.
    elsewhere = {"/graphs/{graph}", "/check/{check}"}
    assert {*PAGES, *OF_A_CLASS, *elsewhere} == set(re.findall(r'Route\("([^"]+)"', source))


FEW = {route: few(shift) for shift, route in enumerate(PAGES)}
# In these looks ``test_lesson_list.py`` looks at the page of a lesson, with a question answered,
# and ``test_address.py`` at the address.
ELSEWHERE = {"/lessons/{name}", "/address"}
OF_PAGES = [
    exhaustive(route, looks) if route in ELSEWHERE else (route, looks)
    for route, looks in FEW.items()
]
OF_PAGES_TOO = [exhaustive(route, others(shift)) for shift, route in enumerate(PAGES)]


@pytest.mark.parametrize(
    ("route", "looks"),
    [*OF_PAGES, *OF_PAGES_TOO],
    ids=[*PAGES, *(f"{each}, rest" for each in PAGES)],
)
def test_a_page_passes_axe_and_shows_its_errors(
    page: Page, page_watch: PageWatch, route: str, looks: list[Look]
) -> None:
    if route == "/docs":
        few_routes(page, "catalog", "check", "rooms/{code}", "rooms/{code}/scene")
    page.goto(PAGES[route])
    if route in LATER:
        until(page, LATER[route])
        expect(page.locator(LATER[route]).first).to_be_visible()
    if route == "/":
        expect(page.locator('[data-run="reference"]').first).to_be_attached()
        page.locator('[data-panel="working"] [data-variable="W1"] td').first.click()
        expect(readout(page, "source")).to_be_visible()
    if route == "/docs":
        methods, *_ = page.evaluate(FEWER, ALIKE)
        assert methods >= 4
    assert list(found_in(page, looks)) == []
    if route == "/":
        page.set_viewport_size({"width": 1280, "height": 720})
        choose_line(page, "dz2_dW2")
        assert violations(page, afresh=False, within='[data-panel="working"]') == []
    if LATER.get(route) == READY and not route.endswith("/sheet"):
        page_watch.allow("broken")
        expect_an_uncaught_error_to_be_shown(page, notice=route not in ("/join", "/teach"))


def expect_an_uncaught_error_to_be_shown(page: Page, *, notice: bool) -> None:
    page.evaluate("() => { setTimeout(() => { throw new Error('broken on purpose.'); }); }")
    if not notice:
        expect(page.get_by_role("alert")).to_contain_text("broken on purpose.")
        return
    slot = page.locator('[data-slot="notice"]')
    expect(slot).to_contain_text("An error in this page: broken on purpose.")
    slot.get_by_role("button", name="Close").click()
    page.evaluate("() => { Promise.reject(new Error('broken promise.')); }")
    expect(slot).to_contain_text("broken promise.")


@in_looks(shift=1)
@pytest.mark.exhaustive
def test_axe_finds_nothing_in_a_class(
    teach: Page, newcomer: Newcomer, page_watch: PageWatch, looks: list[Look]
) -> None:
    """The lecturer's page, a student's, and the lecturer's for one who does not have the key.

    ``test_classroom.py`` looks at the same three pages in few looks.
    """
    page_watch.allow("404")
    assert list(found_in(teach, looks)) == []
    student = join(newcomer, code_of(teach))
    assert list(found_in(student, looks)) == []
    stranger = newcomer()
    stranger.goto(teach.url)
    expect(readout(stranger, "refused")).to_be_visible()
    assert list(found_in(stranger, looks)) == []


@in_looks(shift=2)
@pytest.mark.exhaustive
def test_axe_finds_nothing_where_nothing_is(
    page: Page, page_watch: PageWatch, looks: list[Look]
) -> None:
    """Pages for a lesson, a code, a key or a host name that does not exist."""
    page_watch.allow("404|400")
    for path in ("/lessons/no-such-lesson", "/join/nothing", "/teach/nothing", "/nothing"):
        page.goto(path)
        assert list(found_in(page, looks)) == [], path


@in_looks(shift=3)
@pytest.mark.exhaustive
def test_axe_finds_nothing_under_another_name(page: Page, server: str, looks: list[Look]) -> None:
    """``test_address.py`` looks at this page in both of its themes."""
    # Chromium resolves every name below localhost to this machine.
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context()
    unknown = context.new_page()
    unknown.goto(f"http://desk.localhost:{server.rpartition(':')[2]}/")
    expect(unknown.get_by_role("heading", level=1)).to_contain_text("does not answer")
    assert list(found_in(unknown, looks)) == []
    context.close()


@in_looks(shift=0)
def test_violations_are_found_in_each_theme(page: Page, looks: list[Look]) -> None:
    """What is too pale in the dark alone, and without a name at one width alone."""
    page.goto("/address")
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`
                @media (prefers-color-scheme: dark) { #pale { color: #333; background: #222 } }
                @media (max-width: 400px) { #named { display: none } }`);
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
            document.querySelector('main').insertAdjacentHTML('beforeend',
                '<p id="pale">pale</p><button type="button"><span id="named">name</span></button>');
        }"""
    )
    found = list(found_in(page, looks))
    dark = sum(THEMES[name]["color_scheme"] == "dark" for _, name in looks)
    assert sum("color-contrast" in each for each in found) == dark
    assert [each for each in found if "button-name" in each and each.startswith("390")]
    assert not [each for each in found if "button-name" in each and not each.startswith("390")]
