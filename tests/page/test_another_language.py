"""A second language is one file: all that the page's scripts write comes from ``text/en.js``.

The pages are opened with another one in its place, whose texts are those of English in brackets.
"""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, Response, Route, expect

from tests.browser import READY, action, answered, open_page, until

ENGLISH = "Object.freeze({TEXT})"
BRACKETED = """Object.freeze({TEXT: (function bracketed(text) {
    if (typeof text === "string") return `⟦${text}⟧`;
    if (typeof text === "function") return (...given) => bracketed(text(...given));
    if (Array.isArray(text) || typeof text !== "object" || text === null) return text;
    return Object.fromEntries(Object.entries(text).map(([name, own]) => [name, bracketed(own)]));
})(TEXT)})"""
BETWEEN = re.compile(r" ?[·=] |, |[()]|\. | ✓.*$| [0-9.]+$")
WORD = re.compile(r"[A-Za-z]{3,}")
# Names of programs, file formats and keys, alike in all languages.
NAMES = {"autograd", "PNG", "SVG", "Ctrl+Z", "Ctrl+Shift+Z"}
# Everything on the page that a reader sees or hears and that has a word. Formulas, and names of
# variables, are the same in all languages.
SAID = """() => {
    const found = new Set();
    const ELSEWHERE = 'math, script, noscript, pre, textarea, style';
    const note = (text) => /[A-Za-z]{3,}/.test(text) && found.add(text.trim());
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest(ELSEWHERE))
            note(walker.currentNode.data);
    for (const element of document.body.querySelectorAll('*'))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'])
            if (element.hasAttribute(name)) note(element.getAttribute(name));
    return [...found];
}"""


def in_another_language(page: Page) -> None:
    def change(route: Route) -> None:
        script = route.fetch().text()
        # A part that is loaded later takes its texts from the first.
        assert script.count(ENGLISH) == ("@" not in route.request.url)
        other = script.replace(ENGLISH, BRACKETED)
        route.fulfill(body=other, content_type="text/javascript")

    page.route("**/*.joined.js", change)


def strings(data: Any) -> set[str]:
    """All strings of an answer, keys too: names of the wire."""
    if isinstance(data, dict):
        return {*map(str, data), *(each for value in data.values() for each in strings(value))}
    if isinstance(data, list):
        return {each for value in data for each in strings(value)}
    return {data} if isinstance(data, str) else set()


def plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split())


class Sent:
    """What the server sent: the page itself, and texts in its answers."""

    def __init__(self, page: Page) -> None:
        self.answers: list[Response] = []
        page.on("response", self.note)

    def note(self, answer: Response) -> None:
        self.answers.append(answer)

    def texts(self) -> set[str]:
        found: set[str] = set()
        for answer in self.answers:
            kind = answer.headers.get("content-type", "")
            if "json" in kind and answer.status < 300:
                found |= strings(json.loads(answer.body()))
            elif "html" in kind:
                html = re.sub(r"&#39;", "'", answer.text())
                found |= set(re.split(r'[<>"]', html))
        return {plain(text) for text in found}


def pieces(text: str) -> set[str]:
    """What stands between signs and numbers: there the page puts texts of the server together."""
    return {each.strip(" ,.:") for each in BETWEEN.split(text)}


def own_words(page: Page, sent: Sent) -> list[str]:
    """What the page says that is neither in its texts nor from the server."""
    said: list[str] = page.evaluate(SAID)
    while (outer := [re.sub(r"⟦[^⟦⟧]*⟧", "", text) for text in said]) != said:
        said = outer
    texts = sent.texts()
    known = NAMES.union(texts, *map(pieces, texts))
    return sorted(
        text
        for text in {*map(plain, said)} - known
        if any(WORD.search(piece) for piece in pieces(text) - known)
    )


def test_the_explorer_says_nothing_of_its_own(page: Page) -> None:
    in_another_language(page)
    sent = Sent(page)
    open_page(page, "#step=20&line=dC_dW2")
    with answered(page):
        for name in ("line-next", "step"):
            action(page, name).click()
    assert own_words(page, sent) == []


def test_a_page_says_nothing_of_its_own(page: Page) -> None:
    in_another_language(page)
    sent = Sent(page)
    lessons = ("/lessons", "/lessons/one-layer-by-hand")
    for path in ("/", "/check", "/#watch=4", *lessons, "/teach"):
        sent.answers.clear()
        page.goto(path)
        if path.count("/") > 1:
            until(page, READY)
            expect(page.locator(READY)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert own_words(page, sent) == [], path
