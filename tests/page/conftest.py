"""Pages of a class: the lecturer's view, the explorer that the class follows, and newcomers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import action, expect_line, open_page, readout, until
from tests.helpers.browsers import DESK, PageWatch
from tests.page.in_class import PROJECTOR, READY, Newcomer, code_of


@pytest.fixture
def newcomer(browser: Browser, server: str, page_watch: PageWatch) -> Iterator[Newcomer]:
    """Open a page in a browser that was never here."""
    contexts = []

    def come(size: ViewportSize = DESK, **device: Any) -> Page:
        # Without motion the tests take a sixth less time; motion has tests of its own.
        context = browser.new_context(
            base_url=server, viewport=size, reduced_motion="reduce", **device
        )
        contexts.append(context)
        page = context.new_page()
        page_watch.attach(page)
        return page

    yield come
    for context in contexts:
        context.close()
    assert page_watch.unexpected() == []


@pytest.fixture
def teach(page: Page) -> Page:
    """The lecturer's view of a new room, opened from line z2 of step 20."""
    page.set_viewport_size(PROJECTOR)
    page.emulate_media(reduced_motion="reduce")
    open_page(page, "#step=20&line=z2")
    page.keyboard.press("?")
    page.locator('[data-slot="teach"]').click()
    action(page, "open-room").click()
    expect(page).to_have_url(re.compile("/teach/"))
    until(page, READY)
    return page


@pytest.fixture
def shown(teach: Page, page_watch: PageWatch) -> Page:
    """The explorer of the same browser, which the class follows."""
    page = teach.context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page_watch.attach(page)
    open_page(page, "#")  # without a view of its own it has that of the class
    expect(readout(page, "code")).to_have_text(code_of(teach))
    expect_line(page, "z2")
    return page
