"""What a link hides: the same names in the server, the style sheet, the keys and the manual."""

from __future__ import annotations

import re

from backprop_explorer.web.pages import GROUPS, PHASES, Hidden, read_hidden
from tests.helpers.clients import Client
from tests.helpers.environment import ROOT

SHEET = (ROOT / "static" / "css" / "hide.css").read_text()


def test_names_are_read_once_and_in_one_order() -> None:
    assert read_hidden("") == Hidden()
    assert read_hidden("training, settings,,training ").names == ("settings", "training")
    assert read_hidden("Settings").names == ("settings",)


def test_names_that_are_not_there_are_told_few_and_short() -> None:
    found = read_hidden("settings," + ",".join(f"{k}{'x' * 99}" for k in range(9)))
    assert found.names == ("settings",)
    assert len(found.unknown) == 5
    assert {len(name) for name in found.unknown} == {40}


def test_the_sheet_hides_each_group_and_no_other() -> None:
    assert set(re.findall(r'data-hide~="(\w+)"', SHEET)) == set(GROUPS)


def test_groups_of_keys_are_groups() -> None:
    commands = (ROOT / "static" / "js" / "explorer" / "commands.js").read_text()
    used = set(re.findall(r'group: "(\w+)"', commands))
    assert len(used) > 5
    assert used <= set(GROUPS)


def test_the_manual_describes_each_name() -> None:
    manual = (ROOT / "docs" / "lecturers.md").read_text()
    rows = re.findall(r"^\| `(\w+)` +\|", manual, re.MULTILINE)
    assert rows == [*GROUPS, *PHASES]


def test_a_page_says_what_it_hides(shared_client: Client) -> None:
    html = shared_client.get("/?embed=1&hide=training,backward").text
    assert 'data-embed="true"' in html
    assert 'data-hide="training backward"' in html
    assert "data-hide-unknown" not in html
    assert "data-hide" not in shared_client.get("/").text


def test_what_a_link_says_cannot_leave_its_attribute(shared_client: Client) -> None:
    html = shared_client.get('/?hide="><script>alert(1)</script>').text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
