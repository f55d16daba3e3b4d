"""Templates take their sentences and labels from ``templates/text/en.html``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.environment import ROOT

TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
TEXTS = (ROOT / "templates" / "text" / "en.html").read_text()
NAMES = re.findall(r"{% (?:set|macro) (\w+)", TEXTS)
# Attributes of the body, then all else of Jinja.
JINJA = re.compile(
    r"{% block body %}.*?{% endblock %}|{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", re.DOTALL
)
CODE = re.compile(r"<(pre|svg|script)\b.*?</\1>", re.DOTALL)
READ_OUT = re.compile(r'\b(?:aria-label|title|alt|placeholder|content)="([^"]*)"')
META = re.compile(
    r'<meta (?:name="(?:viewport|color-scheme|twitter:card)"|property="og:(?:image:)?type")[^>]*>'
)


def words(template: str) -> list[str]:
    """What a reader sees or hears of a template that is not from a variable."""
    text = META.sub("", CODE.sub("", JINJA.sub("", template)))
    seen = re.sub(r"<[^>]*>", "\n", text).split("\n")
    return [each.strip() for each in [*seen, *READ_OUT.findall(text)] if re.search("[a-z]", each)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    assert words(path.read_text()) == []


def test_style_sheets_have_no_words() -> None:
    for path in (ROOT / "static" / "css").glob("*.css"):
        assert not re.search(r'content: *"[^"]*[a-z]{2}', path.read_text()), path.name


def test_words_are_found() -> None:
    assert words('<p class="x">Copy {{ a }}</p><a title="a link">{% if b %}{% endif %}</a>') == [
        "Copy",
        "a link",
    ]


def test_every_text_is_used_and_known_once() -> None:
    used = {name for path in TEMPLATES for name in re.findall(r"\btext\.(\w+)", path.read_text())}
    assert sorted(NAMES) == sorted(used)
