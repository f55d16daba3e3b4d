"""What the tests of own data do on the page: paste or type a table, draw points."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser import action, readout

KINDS = ("setosa", "virginica", "lily")
FLOWERS = "width,length,kind\n" + "".join(
    f"{1 + k % 3 + k / 50:.2f},{2 * (k % 3) + k / 40:.2f},{KINDS[k % 3]}\n" for k in range(30)
)


def paste(page: Page, text: str) -> Locator:
    """Open the dialog, paste a table into its box, and return what is said of it."""
    box = table_box(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    box.press("ControlOrMeta+a")
    box.press("ControlOrMeta+v")
    return readout(page, "own-summary")


def write(page: Page, text: str) -> Locator:
    """As ``paste``, but typed: the server is asked when no key has come for a moment."""
    table_box(page).fill(text)
    return readout(page, "own-summary")


def table_box(page: Page) -> Locator:
    """The box for a table, its dialog open."""
    if not page.locator("#own-table").is_visible():
        action(page, "own-table").click()
    return page.locator("#own-csv")


def use_table(page: Page) -> None:
    """Learn the table, and wait for its working."""
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        action(page, "use-table").click()
    expect(page.locator("#own-table")).to_be_hidden()


def plane_click(page: Page, x: float, y: float) -> None:
    """Click a place in the plane, given from −1 to 1."""
    box = page.locator("[data-figure=plane] .plane-axes rect").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2)


def points(page: Page) -> Locator:
    """The drawn points."""
    return page.locator("[data-figure=plane] .point")


def use_points(page: Page) -> None:
    """Learn the drawn points, and wait for their working."""
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        action(page, "use-points").click()
    expect(page.locator("#draw-points")).to_be_hidden()
