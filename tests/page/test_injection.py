"""Names, links and numbers that are code elsewhere stay text in every place of the page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, answered, expect_ready, figure, go_to, neuron_place, open_page
from tests.helpers.api import API
from tests.helpers.browsers import PageWatch
from tests.helpers.cases import exhaustive

# Each at most as long as a name may be. What a figure could take for markup comes first.
PAYLOADS = [
    *("<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>"),
    *('"><svg onload=window.pwned=1>', '<a href="javascript:window.pwned=1">x</a>'),
    *("__proto__", "<b>bold</b><br>next", "<sub>2</sub>"),
    *("%{x}%{customdata[0]}<extra>e</extra>", "&lt;i&gt;&amp;&#60;", "$\\frac{1}{2}$"),
    *("' onfocus=window.pwned=1 autofocus='", "<iframe srcdoc='<b>x'>", "{{7*7}}{% raw %}"),
    *("${7*7}`${window.pwned=1}`", "=1+1", "javascript:window.pwned=1"),
    *("</title><script>window.pwned=1</script>", "\\u003cb\\u003e"),
]
# Characters of a name that every place has room for.
SHOWN = 9
FOURS = [tuple([*PAYLOADS, "x", "y"][k : k + 4]) for k in range(0, len(PAYLOADS) + 2, 4)]
# Of a text with more than six of them the page does not read every line.
SIXES = [tuple(PAYLOADS[k : k + 6]) for k in range(0, len(PAYLOADS), 6)]
WHAT_GOT_THROUGH = """() => [
    window.pwned,
    ({}).polluted,
    ...document.querySelectorAll('script:not([src]), iframe, [onerror], [onload], [onfocus]'),
    ...document.querySelectorAll('img[src="x"], [href^="javascript:"], [*|href^="javascript:"]'),
].filter(found => found !== undefined).map(found => found.outerHTML ?? String(found))"""


def expect_nothing_got_through(page: Page) -> None:
    """Nothing ran, and nothing became an element. The watch sees violations of the policy."""
    assert page.evaluate(WHAT_GOT_THROUGH) == []


def link(leaves: dict[str, Any]) -> str:
    """The fragment of an address that opens a recipe."""
    written = {path: json.dumps(value).replace("'", "\\u0027") for path, value in leaves.items()}
    return "#" + "&".join(f"{quote(path)}={quote(text)}" for path, text in written.items())


def points(names: tuple[str, ...]) -> dict[str, Any]:
    """Own data whose two features and two classes have these names."""
    rows = [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.9, 0.4], [0.2, 0.6], [0.7, 0.1]]
    return {
        "dataset.name": "points",
        "dataset.x": rows,
        "dataset.target": [0, 1, 0, 1, 0, 1],
        "dataset.features": names[:2],
        "dataset.classes": names[2:4],
        "dataset.test_fraction": 0,
    }


@pytest.mark.shared_page
@pytest.mark.parametrize("together", [FOURS[:3], exhaustive(FOURS[3:])], ids=["markup", "rest"])
def test_names_of_features_and_classes_are_shown_as_they_are(
    page: Page, together: list[tuple[str, ...]]
) -> None:
    open_page(page)
    for names in together:
        go_to(page, link(points(names)))
        expect(figure(page, "data").locator(".main-svg").first).to_be_visible()
        # The axes have the features' names, long ones cut short.
        for name in names[:2]:
            expect(figure(page, "data")).to_contain_text(name[:SHOWN])
        # What Plotly writes beside the mouse.
        page.mouse.move(*neuron_place(page, 0))
        page.locator('[data-panel="ribbon"] [data-line="z1"]').hover()
        box = figure(page, "data").bounding_box()
        assert box is not None
        for share in (0.3, 0.5, 0.7):
            page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])
        expect_nothing_got_through(page)


@pytest.mark.exhaustive
def test_columns_and_words_of_an_uploaded_table(page: Page, server: str) -> None:
    open_page(page)
    for payload in PAYLOADS[:6]:
        go_to(page, link(uploaded(server, payload)))
        expect(figure(page, "data").locator(".main-svg").first).to_be_visible()
        expect(figure(page, "data")).to_contain_text(payload[:SHOWN])
        expect_nothing_got_through(page)


def uploaded(server: str, payload: str) -> dict[str, Any]:
    """The leaves of a data set whose columns and words have this name."""

    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    table = f"{cell(payload)},b,{cell('t ' + payload[:50])}\n" + "".join(
        f"{k % 5},{k},{cell(payload if k % 2 else 'other')}\n" for k in range(12)
    )
    csv = {"Content-Type": "text/csv"}
    made = httpx.post(f"{server}{API}/datasets", content=table.encode(), headers=csv, timeout=60)
    assert made.status_code == 201, made.text
    return {f"dataset.{name}": value for name, value in made.json()["dataset"].items()}


@pytest.mark.shared_page
@pytest.mark.parametrize(
    "paths",
    [
        ["dataset.name", "__proto__.polluted"],
        exhaustive(["network.initializer", "cost.name", "optimizer.name"]),
    ],
    ids=["few", "rest"],
)
def test_links_with_names_that_there_are_not(
    page: Page, page_watch: PageWatch, paths: list[str]
) -> None:
    page_watch.allow(r"status of 4\d\d")
    for path in paths:
        fragment = link({path: " ".join(PAYLOADS[:4])})
        if path == paths[0]:
            page.goto("about:blank")
            page.goto(f"/{fragment}")
        else:
            go_to(page, fragment)
        expect_ready(page)
        expect_nothing_got_through(page)


@pytest.mark.parametrize(
    "together", [SIXES, exhaustive([(each,) for each in PAYLOADS])], ids=["sixes", "alone"]
)
def test_what_is_pasted_to_be_checked(
    page: Page, page_watch: PageWatch, together: list[tuple[str, ...]]
) -> None:
    page_watch.allow(r"status of 4\d\d")
    page.goto("/check")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    numbers = page.locator("textarea:visible")
    fields = page.locator("input[type=text]:visible, input:not([type]):visible")
    for payloads in together:
        text = "\n".join(f"{each}\nW1 = [[0.5 {each}]]\n{each} = [0.1]" for each in payloads)
        numbers.fill(text)
        with page.expect_response(lambda answer: "/check" in answer.url):
            action(page, "parse").click()
        action(page, "check").click()
        # Nothing is sent while the learning rate is no number.
        kept = [fields.nth(k).input_value() for k in range(fields.count())]
        for k in range(len(kept)):
            fields.nth(k).fill(text)
        action(page, "check").click()
        with answered(page):
            for k, value in enumerate(kept):
                fields.nth(k).fill(value)
    expect_nothing_got_through(page)


@pytest.mark.shared_page
def test_what_is_typed_into_the_experiment(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow(r"status of 4\d\d")
    open_page(page)
    fields = page.locator("input[type=text]:visible, input:not([type]):visible, textarea:visible")
    for payload in PAYLOADS[:6]:
        with answered(page):
            for k in range(fields.count()):
                field = fields.nth(k)
                if field.is_visible() and field.is_editable():
                    field.fill(payload)
                    field.press("Enter")
    expect_nothing_got_through(page)


def test_the_search_sees_what_got_through(page: Page) -> None:
    page.goto("/address")
    page.evaluate("() => { window.pwned = 1; }")
    page.evaluate("() => document.body.append(document.createElement('iframe'))")
    assert page.evaluate(WHAT_GOT_THROUGH) == ["1", "<iframe></iframe>"]
