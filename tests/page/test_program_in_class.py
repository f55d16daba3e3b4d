"""A line of a program is shown to a class."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import READY, action, choose_line, expect_line, readout, until
from tests.page.in_class import Newcomer, code_of, join


def test_a_line_of_a_program_is_shown_to_the_class(
    teach: Page, shown: Page, newcomer: Newcomer
) -> None:
    desk = join(newcomer, code_of(teach))
    frame = desk.locator(".class-program")
    expect(frame).to_have_count(0)
    program = shown.context.new_page()
    program.goto("/programs/batch_norm#line=dC_dvar")
    until(program, READY)
    action(program, "show-line").click()
    inside = desk.frame_locator(".class-program")
    working = inside.locator('[data-panel="working"]')
    expect(working).to_have_attribute("data-line", "dC_dvar")
    expect(inside.locator(".top")).to_be_hidden()
    expect(desk.locator(".working").first).to_be_hidden()
    expect(teach.locator("body")).to_contain_text("program batch_norm")
    # the next line is shown by its key, in the same frame
    program.locator('.ribbon [data-line="xhat"]').click()
    program.keyboard.press("c")
    expect(working).to_have_attribute("data-line", "xhat")
    # a student may leave and come back
    action(desk, "class-follow").click()
    expect(frame).to_have_count(0)
    expect(desk.locator('[data-panel="working"]')).to_be_visible()
    action(desk, "class-follow").click()
    expect(working).to_have_attribute("data-line", "xhat")
    # what the explorer shows next takes its place
    choose_line(shown, "z1")
    expect(frame).to_have_count(0)
    expect_line(desk, "z1")
    expect(readout(desk, "following")).to_be_visible()
    program.close()
