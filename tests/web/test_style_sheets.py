"""The style sheets use the tokens of tokens.css, and layers instead of !important."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from backprop_explorer.web.bundles import media_names
from tests.helpers.environment import ROOT

FOLDER = ROOT / "static" / "css"
# plotly.css is generated, docs.css changes Swagger UI, unknown-host.css is the only sheet that an
# unknown host gets.
ALONE = {"plotly.css", "docs.css", "unknown-host.css"}
SHEETS = [path for path in sorted(FOLDER.glob("*.css")) if path.name not in ALONE]
PAGES = [path for path in SHEETS if path.name == "explorer.css" or path.stem.endswith("-page")]
LAYERS = ["vendor", "base", "layout", "panels", "override"]
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DECLARATION = re.compile(r"([\w-]+):\s*([^;{}]+);")
PIXELS = re.compile(r"(?<![\w.-])-?[\d.]+px")
CORNERS = re.compile(r"border(-\w+)*-radius")
SPACES = re.compile(r"(padding|margin|gap|row-gap|column-gap)(-\w+)*")


@cache
def declarations(path: Path) -> list[tuple[str, str, str]]:
    """Return (selector, property, value) of all rules; values have one blank for any space."""
    text = re.sub(r"/\*.*?\*/|@custom-media[^;]*;", "", path.read_text(), flags=re.DOTALL)
    return [
        (" ".join(rule[1].split()), each[1], " ".join(each[2].split()))
        for rule in RULE.finditer(text)
        for each in DECLARATION.finditer(rule[2])
    ]


def test_sizes_of_type_space_and_corners_are_tokens() -> None:
    found = [
        (path.name, selector, name, value)
        for path in SHEETS
        for selector, name, value in declarations(path)
        # The text of these is drawn in an SVG, whose units are pixels.
        if selector not in (".plane-axes text", ".lesson-picture text")
        and path.name != "picture-drawing.css"
        and not selector.startswith(".overlay .label")
        and (
            (name in ("font", "font-size") and PIXELS.search(value))
            or (CORNERS.fullmatch(name) and not re.fullmatch(r"(var\(--[\w-]+\)|0|50%| )+", value))
            or (SPACES.fullmatch(name) and set(PIXELS.findall(value)) - {"1px", "-1px"})
        )
    ]
    assert found == []


def test_layers_make_important_needless() -> None:
    assert [path.name for path in SHEETS if "!important" in path.read_text()] == []


def test_every_token_that_is_used_is_defined() -> None:
    defined = {name for each in SHEETS for _, name, _ in declarations(each)}
    for path in SHEETS:
        used = set(re.findall(r"var\((--[\w-]+)\)", path.read_text()))
        assert used - defined == set(), path.name


def test_a_sheet_is_about_one_component() -> None:
    assert [path.name for path in SHEETS if len(path.read_text().splitlines()) > 350] == []


def opened(text: str) -> list[str]:
    """Return the selectors of all rules, each with those that it is nested in."""
    stack: list[str] = []
    found = []
    for part in re.findall(r"[^{};]*[{};]", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        if part[-1] == "{":
            stack.append(" ".join(part[:-1].split()))
            found.append(" { ".join(stack))
        elif part[-1] == "}":
            stack.pop()
    return found


def test_a_selector_has_one_rule() -> None:
    for path in SHEETS:
        selectors = [each for each in opened(path.read_text()) if "@" not in each]
        assert sorted(selectors) == sorted(set(selectors)), path.name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_layers_begin_in_their_order(path: Path) -> None:
    text = path.read_text()
    # A sheet without a layer is a list of sheets.
    while listed := re.search(r'@import "\./(\S+)";', text):
        text = text.replace(listed[0], (FOLDER / listed[1]).read_text())
    layers = re.findall(r"@import \S+ layer\((\w+)\);", text)
    assert len(layers) == text.count("@import")
    first = sorted(set(layers), key=layers.index)
    assert first == [name for name in LAYERS if name in first]


def test_breakpoints_count_in_the_readers_font_size() -> None:
    for path in SHEETS:
        for query in re.findall(r"@(?:media|container)[^{]*", path.read_text()):
            assert not PIXELS.search(query), (path.name, query)


def test_sizes_of_windows_and_panels_have_names() -> None:
    """In tokens.css; the page's scripts name the ones that they ask for alike."""
    for path in SHEETS:
        for query in re.findall(r"@(?:media|container) [^{]*", path.read_text()):
            assert not re.search(r"(width|height)\s*:", query), (path.name, query)
    names = media_names((FOLDER / "tokens.css").read_text())
    used = "".join(path.read_text() for path in SHEETS)
    assert [name for name in names if f"({name})" not in used] == []
    script = (ROOT / "static" / "js" / "ui" / "dom.js").read_text()
    asked = dict(re.findall(r"(\w+): \"(\([^\"]*(?:width|height)[^\"]*)\"", script))
    assert (
        asked.items() <= {name.removeprefix("--"): query for name, query in names.items()}.items()
    )
    assert asked


def tokens(theme: str) -> dict[str, str]:
    """Return the tokens of ``light`` or ``dark`` where more contrast is wanted."""
    pair = re.compile(r"light-dark\((.*), (.*)\)")
    return {  # the last ones are those of more contrast
        name: pair.sub(r"\2" if theme == "dark" else r"\1", value)
        for selector, name, value in declarations(FOLDER / "tokens.css")
        if selector == ":root"
    }


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_seven_to_one_where_more_contrast_is_wanted(theme: str) -> None:
    """In the dark too, whose rules are more specific than those of the light."""
    own = tokens(theme)
    for text in ("ink", "soft", "forward", "cost", "backward", "update", "alert"):
        for ground in ("paper", "sheet"):
            pair = sorted((luminance(own[f"--{text}"]), luminance(own[f"--{ground}"])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 7, (text, ground)


def test_no_text_is_smaller_than_twelve_pixels() -> None:
    sizes = [
        (path.name, selector, float(size))
        for path in SHEETS
        for selector, name, value in declarations(path)
        if name in ("--fine", "--small", "font", "font-size")
        for size in re.findall(r"^([\d.]+)rem", value)
    ]
    assert [each for each in sizes if each[2] < 0.75] == []
