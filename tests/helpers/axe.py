"""axe-core in a page: what it finds in the state, at the size and in the theme that are on.

Judging contrast takes most of its time, and elements that look alike are judged alike: a look is
judged once. A look is all that decides about contrast, except what else lies under the text.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.helpers import cases
from tests.helpers.cases import exhaustive

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 768, "height": 1024}
DESK: ViewportSize = {"width": 1440, "height": 900}
SIZES = (PHONE, TABLET, DESK)
View = tuple[ViewportSize, str]  # a size of the window, and "light" or "dark"
THEMES = ("light", "dark")
# The rules that depend on the theme.
COLOURS = ["color-contrast", "link-in-text-block"]

# The looks that were judged stay with the page, until another one is loaded.
JUDGE = """async ({ names, colours, others, afresh, within }) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    // Nothing beside a modal dialog can be reached, and nothing there is read out.
    const whole = document.querySelector(within ?? 'dialog:modal') ?? document;
    // A colour on its way to another is none of those that are meant.
    await Promise.allSettled(document.getAnimations()
        .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
        .map((each) => each.finished));
    const first = afresh || window.judgedLooks === undefined;
    const judged = (window.judgedLooks ??= new Set());
    const plain = new Set(['rgba(0, 0, 0, 0)', 'none', '1', 'auto']);
    const laid = new Map();
    // What decides of the element and of all that it is in.
    const laidUnder = (element) => {
        if (!element) return '';
        if (!laid.has(element)) {
            const { backgroundColor, backgroundImage, filter, mixBlendMode, opacity } =
                getComputedStyle(element);
            const own = [backgroundColor, backgroundImage, filter, opacity]
                .filter((each) => !plain.has(each));
            if (mixBlendMode !== 'normal') own.push(mixBlendMode);
            const under = laidUnder(element.parentElement);
            laid.set(element, own.length ? `${own.join('/')}|${under}` : under);
        }
        return laid.get(element);
    };
    const lookOf = (element) => {
        const own = getComputedStyle(element);
        const look = [
            element.tagName, own.color, own.fontSize, own.fontWeight, own.textShadow,
            own.textDecorationLine, own.borderBottom, own.fill, own.webkitTextFillColor,
        ];
        // A link in a text has to be told from the text.
        const around = element.parentElement;
        if (element.tagName === 'A')
            look.push(own.display, around.textContent !== element.textContent);
        if (around) look.push(getComputedStyle(around).color);
        return [...look, laidUnder(element)].join('|');
    };
    const shown = () => {
        const found = new Set(whole.querySelectorAll('input, select, textarea'));
        const texts = document.createTreeWalker(whole, NodeFilter.SHOW_TEXT);
        while (texts.nextNode())
            if (texts.currentNode.data.trim()) found.add(texts.currentNode.parentElement);
        return [...found].filter((each) => each.getClientRects().length);
    };
    const given = { preload: false, selectors: false };
    const withPasses = { ...given, resultTypes: ['passes', 'violations'], elementRef: true };
    const keep = ({ passes }) => {
        for (const { id, nodes } of passes)
            for (const { element } of names.includes(id) ? nodes : [])
                if (element.isConnected) judged.add(lookOf(element)); // else redrawn since
    };
    const found = [];
    const judge = async (context, options) => {
        const results = await axe.run(context, options);
        keep(results);
        found.push(...results.violations);
    };
    const both = colours && others && first;
    if (both) await judge(whole, withPasses);
    if (colours && !both) {
        const fresh = first ? [] : shown().filter((each) => !judged.has(lookOf(each)));
        if (first || fresh.length)
            await judge(first ? whole : { include: fresh }, { ...withPasses, runOnly: names });
    }
    if (others && !both) {
        const rules = Object.fromEntries(names.map((name) => [name, { enabled: false }]));
        await judge(whole, { ...given, resultTypes: ['violations'], rules });
    }
    return found.map(({ id, nodes }) => [id, nodes.slice(0, 4).map(({ html }) => html)]);
}"""


# Of Swagger UI's requests, schemas and coloured words that are alike except for their texts, two
# stay: one has an equal beside it, as it would among all.
FEWER = """(selectors) => selectors.map((selector) => {
    const kept = {};
    for (const each of document.querySelectorAll(selector)) {
        if (each.parentElement.closest(selector)) continue;
        const parts = [each, ...each.querySelectorAll('*')].map((part) =>
            [part.tagName, part.getAttribute('class'), part.getAttribute('style')]);
        const kind = parts.join();
        kept[kind] = (kept[kind] ?? 0) + 1;
        if (kept[kind] > 2) each.remove();
    }
    return Object.keys(kept).length;
})"""
ALIKE = [".opblock", "article.json-schema-2020-12", "pre span"]


@lru_cache
def axe_source() -> str:
    """axe-core, as text: the page's policy lets no foreign script in."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(
    page: Page,
    *,
    colours: bool = True,
    others: bool = True,
    afresh: bool = True,
    within: str | None = None,
) -> list[str]:
    """What axe-core finds in the page as it is now. What is in order need not be listed.

    ``colours`` and ``others`` say whether its rules about colours, and all others, are applied;
    ``afresh`` whether the colours of all elements are judged, or of looks that were not judged yet;
    ``within`` in which element alone, as CSS.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    given: dict[str, Any] = {
        "names": COLOURS,
        "colours": colours,
        "others": others,
        "afresh": afresh,
        "within": within,
    }
    found: list[Any] = page.evaluate(JUDGE, given)
    return [f"{name}: {json.dumps([html[:160] for html in nodes])}" for name, nodes in found]


def violations_in_both_themes(
    page: Page, *, afresh: bool = False, within: str | None = None
) -> list[str]:
    """What axe-core finds in the page as it is now, in the theme that is on and in the other.

    Rules that do not depend on the theme are applied once. ``within`` and ``afresh`` as for
    ``violations``, the latter in the theme that is on.
    """
    page_of = page.locator("html")
    first = page_of.get_attribute("data-theme")
    found = []
    for scheme in ("light", "dark") if first == "light" else ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(page_of).to_have_attribute("data-theme", scheme)
        own = scheme == first
        judged = violations(page, others=own, afresh=afresh and own, within=within)
        found += [f"{scheme}: {one}" for one in judged]
    return found


def in_views(shift: int = 0, sizes: Sequence[ViewportSize] = SIZES) -> pytest.MarkDecorator:
    """Run a test with ``views``, which it looks at on one open page.

    ``make test`` runs it with two sizes, one in each theme; each ``shift`` gives other ones. The
    other pairs are a second case, which ``make test-all`` runs too.
    """
    two = [(sizes[(k + shift) % len(sizes)], THEMES[(k + shift) % 2]) for k in range(2)]
    rest = [view for view in itertools.product(sizes, THEMES) if view not in two]
    return pytest.mark.parametrize("views", [two, exhaustive(rest)], ids=["few", "rest"])


def violations_in(
    page: Page,
    views: Iterable[View],
    *,
    afresh: bool = True,
    others: bool = True,
    within: str | None = None,
) -> list[str]:
    """What axe-core finds in the state that is on, in each of ``views``.

    Rules that do not depend on the theme are applied once at each size, if ``others``. ``within``
    and ``afresh`` as for ``violations``, the latter at first, and at each new size where all cases
    run. The window ends with the last view.
    """
    found: list[str] = []
    seen: set[int] = set()
    for size, scheme in views:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        width = size["width"]
        new = width not in seen
        again = afresh and new and (cases.everything or not seen)
        seen.add(width)
        judged = violations(page, others=others and new, afresh=again, within=within)
        found += [f"{width}, {scheme}: {one}" for one in judged]
    return found
