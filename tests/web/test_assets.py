"""The static files: what is served, sizes, and use under the content security policy."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette

from backprop_explorer.web.assets import IMMUTABLE, LOOK_SECONDS, MEDIA_TYPES, Assets, matches
from backprop_explorer.web.file_cache import MATH_CHARACTERS, FileCache
from backprop_explorer.web.vendored import FONT, PLOTLY, PLOTLY_SOURCE, VENDORED, plotly_module
from scripts.plotly import CHECKSUMS, STYLES, checksums, stylesheet
from tests.browser import open_page
from tests.helpers.browsers import PageWatch
from tests.helpers.clients import Client, MakeClient
from tests.helpers.environment import ROOT

STYLE_OF_MAPLIBRE = re.compile(r'document\.getElementById\("([0-9a-f]{64})"\)')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of static files for the tests."""
    static = tmp_path / "static"
    (static / "js").mkdir(parents=True)
    (static / "js" / "main.js").write_text("// π\n" + "let x = 1;\n" * 100)
    (static / "tiny.css").write_text("p{}")
    (static / ".secret.css").write_text("secret")
    (static / "notes.py").write_text("secret")
    (tmp_path / "outside.css").write_text("secret")
    (static / "link.css").symlink_to(tmp_path / "outside.css")
    return static


@pytest.fixture
def assets(folder: Path, tmp_path: Path) -> Assets:
    return Assets(tmp_path / "cache", folder)


@pytest.fixture
def files(assets: Assets, make_client: MakeClient) -> Client:
    return make_client(Starlette(routes=assets.routes()))  # type: ignore[arg-type]


def raw(client: Client, url: str, encoding: str) -> tuple[dict[str, str], int]:
    response = client.get(url, headers={"Accept-Encoding": encoding})
    assert response.status_code == 200
    return dict(response.headers), int(response.headers["content-length"])


def test_a_url_with_the_version_may_be_kept_for_ever(files: Client, assets: Assets) -> None:
    url = assets.urls()("js/main.js")
    assert re.fullmatch(r"/static/[0-9a-f]{12}/js/main\.js", url)
    assert files.get(url).headers["cache-control"] == IMMUTABLE


@pytest.mark.parametrize("prefix", ["", "0123456789ab/"])
def test_without_or_with_an_old_version_it_is_checked_each_time(files: Client, prefix: str) -> None:
    response = files.get(f"/static/{prefix}js/main.js")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


def test_a_change_of_a_file_is_a_new_version_and_is_served(
    files: Client, assets: Assets, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages look at the files once a second, and see any change of one then."""
    clock = [1000.0]
    of_assets = SimpleNamespace(monotonic=lambda: clock[0])
    monkeypatch.setattr("backprop_explorer.web.assets.time", of_assets)
    before = assets.urls()("js/main.js")
    etag = files.get(before).headers["etag"]
    (folder / "js" / "main.js").write_text("let y = 2;")
    with monkeypatch.context() as patched:
        patched.setattr(assets, "version", lambda: pytest.fail("looked again"))
        assert assets.urls()("js/main.js") == before
    clock[0] += LOOK_SECONDS
    after = assets.urls()("js/main.js")
    assert after != before
    assert files.get(after).headers["cache-control"] == IMMUTABLE
    response = files.get("/static/js/main.js", headers={"If-None-Match": etag})
    assert response.text == "let y = 2;"


def test_the_version_depends_on_content_not_on_time(folder: Path) -> None:
    before = Assets(None, folder).version()
    os.utime(folder / "js" / "main.js", (1, 1))
    assert Assets(None, folder).version() == before


def test_a_page_resolves_no_name_that_an_earlier_one_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand names a page: to resolve them was most of the time of an answer."""
    assets = Assets(tmp_path)
    first = assets.urls()(assets.whole("js/main.js"))
    resolved: list[Path] = []
    resolve = Path.resolve

    def noted(path: Path, strict: bool = False) -> Path:
        resolved.append(path)
        return resolve(path, strict)

    monkeypatch.setattr(Path, "resolve", noted)
    assert assets.urls()(assets.whole("js/main.js")) == first
    assert resolved == []


def test_of_the_names_that_requests_have_none_is_remembered(files: Client, assets: Assets) -> None:
    before = set(assets.names())
    for name in ("js/../js/main.js", "js//main.js", "js/%2e/main.js"):
        files.get(f"/static/{name}")
    assert set(assets._paths) <= before


def test_a_file_that_has_not_changed_is_304(files: Client) -> None:
    first = files.get("/static/js/main.js")
    again = files.get("/static/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["vary"] == "Accept-Encoding"
    # Each encoding has its own ETag.
    other = files.get(
        "/static/js/main.js",
        headers={"If-None-Match": first.headers["etag"], "Accept-Encoding": "identity"},
    )
    assert other.status_code == 200


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_each_encoding_decodes_to_the_file(files: Client, folder: Path, encoding: str) -> None:
    response = files.get("/static/js/main.js", headers={"Accept-Encoding": encoding})
    assert response.headers.get("content-encoding", "identity") == encoding
    assert response.content == (folder / "js" / "main.js").read_bytes()
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "../outside.css",
        "%2e%2e/outside.css",
        "js/../../outside.css",
        "js/%2e%2e/%2e%2e/outside.css",
        "link.css",
        ".secret.css",
        "notes.py",
        "js",
        "",
        "a%00.css",
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(files: Client, path: str) -> None:
    response = files.get(f"/static/{path}")
    assert response.status_code == 404
    assert "secret" not in response.text


def test_an_unknown_name_in_a_template_is_an_error(assets: Assets) -> None:
    with pytest.raises(FileNotFoundError):
        assets.urls()("js/mian.js")


@pytest.mark.parametrize("name", [name for name, file in VENDORED.items() if file.package])
def test_files_of_packages(shared_client: Client, name: str) -> None:
    response = shared_client.get(f"/static/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == MEDIA_TYPES[Path(name).suffix]
    if VENDORED[name].make is None:
        source = VENDORED[name].source(ROOT / "static")
        assert response.content == source.read_bytes()


def test_plotly_and_the_font_leave_room_in_nine_hundred_kilobytes(shared_client: Client) -> None:
    assert raw(shared_client, f"/static/{PLOTLY}", "br")[1] < 450_000
    assert raw(shared_client, f"/static/{FONT}", "br")[1] < 130_000


def test_a_read_only_or_missing_cache_is_no_harm(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for cache in (None, file / "below", Path("/proc/nowhere")):
        prepared = FileCache(cache)
        assert prepared.ready("key") is None
        assert prepared.get("key", lambda: b"made") == b"made"
        assert prepared.ready("key") == b"made"


def test_cached_files_are_reused_and_damaged_ones_made_again(tmp_path: Path) -> None:
    assert FileCache(tmp_path).get("key", lambda: b"one") == b"one"
    assert FileCache(tmp_path).get("key", lambda: b"two") == b"one"
    stored = tmp_path / "key"
    stored.write_bytes(stored.read_bytes()[:-1])
    assert FileCache(tmp_path).get("key", lambda: b"two") == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_another_recipe_is_another_file_and_another_version(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(recipe: str, content: bytes) -> tuple[bytes, str]:
        made = replace(VENDORED[FONT], make=lambda _source: content, recipe=recipe)
        monkeypatch.setattr("backprop_explorer.web.assets.VENDORED", {FONT: made})
        assets = Assets(tmp_path / "cache", folder)
        return assets._encode(FONT, "identity")[0], assets.version()

    one = serve("one", b"1")
    assert serve("one", b"2") == one
    two = serve("two", b"2")
    assert two[0] == b"2"
    assert two[1] != one[1]


def test_the_font_has_what_formulas_need(assets: Assets, tmp_path: Path) -> None:
    path = tmp_path / "font.woff2"
    path.write_bytes(assets._encode(FONT, "identity")[0])
    with TTFont(path) as font:
        covered = set(font.getBestCmap())
        assert {ord(character) for character in "∂σΣ⊙‖⊤∇≈−×·′ℓℝ𝑎𝑊𝐖𝒩𝒰𝜎⌊⟨⏟←"} <= covered
        assert {first for first, _ in MATH_CHARACTERS} & covered
        # Without this table brackets do not stretch.
        variants = font["MATH"].table.MathVariants
        assert "parenleft" in variants.VertGlyphCoverage.glyphs


@pytest.mark.parametrize(
    ("header", "expected"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False)],
)
def test_matches(header: str, expected: bool) -> None:
    assert matches(header, '"a"') is expected


def test_every_file_of_ours_has_a_type_and_is_found(shared_client: Client) -> None:
    static = ROOT / "static"
    files = [path for path in static.rglob("*") if path.is_file()]
    assert [path.name for path in files if path.suffix not in MEDIA_TYPES] == []
    plain = {"Accept-Encoding": "identity"}  # to compress each file takes most of the time
    for path in files:
        url = f"/static/{path.relative_to(static).as_posix()}"
        response = shared_client.request("HEAD", url, headers=plain)
        assert (path, response.status_code) == (path, 200)


def test_plotly_is_the_pinned_official_bundle(browser: Browser) -> None:
    """Shown by the checksums, the version in the file and in package.json, and its style rules."""
    assert CHECKSUMS.read_text() == checksums()
    pinned = json.loads((ROOT / "scripts" / "js" / "package.json").read_text())["devDependencies"]
    version = pinned["plotly.js-cartesian-dist-min"]
    head = (ROOT / "static" / PLOTLY_SOURCE).read_text()[:80]
    assert f"plotly.js (cartesian - minified) v{version}" in head
    assert STYLES.read_text() == stylesheet(browser), "run: python scripts/plotly.py"


def test_plotly_of_another_form_is_refused() -> None:
    script = (ROOT / "static" / PLOTLY_SOURCE).read_bytes()
    with pytest.raises(ValueError, match="put together in a new way"):
        plotly_module(script.replace(b"function(root, factory)", b"function(root, make)"))


@pytest.mark.shared_page
def test_figures_use_only_traces_of_the_bundle(page: Page) -> None:
    open_page(page)
    kinds = page.evaluate("() => Object.keys(Plotly.PlotSchema.get().traces)")
    files = (ROOT / "static" / "js" / "figures").glob("*.js")
    drawn = set(re.findall(r"type: \"(\w+)\"", "".join(file.read_text() for file in files)))
    axes = {"linear", "log", "category", "line", "rect", "circle", "path"}
    assert {"scatter", "heatmap", "contour"} <= drawn - axes <= set(kinds)


FIGURE: dict[str, Any] = {
    "data": [
        {"x": [1, 2, 3], "y": [2, 1, 3], "mode": "lines+markers"},
        {"type": "heatmap", "z": [[1, 2], [3, 4]], "zsmooth": "best", "showscale": False}
        | {"xaxis": "x2", "yaxis": "y2"},
        {"type": "bar", "x": ["a", "b"], "y": [1, 2], "xaxis": "x3", "yaxis": "y3"},
        {"type": "contour", "z": [[1, 2, 3], [3, 4, 1]], "showscale": False}
        | {"xaxis": "x4", "yaxis": "y4"},
    ],
    "layout": {
        "grid": {"rows": 2, "columns": 2, "pattern": "independent"},
        "width": 800,
        "height": 500,
        "title": {"text": "∂C/∂W₁"},
    },
    "config": {"displayModeBar": True, "showSendToCloud": False, "displaylogo": False},
}


@pytest.mark.shared_page
def test_plotly_draws_under_the_strict_policy(
    page: Page, page_watch: PageWatch, shared_client: Client
) -> None:
    plotly_js = (ROOT / "static" / PLOTLY_SOURCE).read_text("utf-8")
    maplibre = STYLE_OF_MAPLIBRE.search(plotly_js)
    assert maplibre is not None
    html = f"""<!doctype html><title>plotly</title><link rel="icon" href="data:,">
        <meta id="{maplibre[1]}">
        <link id="plotly.js-style-global" class="no-inline-styles" rel="stylesheet"
              href="/static/css/plotly.css">
        <script type="module" src="/static/{PLOTLY}"></script><div id="plot"></div>"""
    policy = shared_client.get("/healthz").headers["content-security-policy"]
    page.route(
        "**/plot",
        lambda route: route.fulfill(
            body=html, content_type="text/html", headers={"Content-Security-Policy": policy}
        ),
    )
    page.goto("/plot")
    page.evaluate("(f) => Plotly.newPlot('plot', f.data, f.layout, f.config)", FIGURE)
    page.evaluate("() => Plotly.restyle('plot', {y: [[3, 3, 1]]}, [0])")
    page.hover("#plot .nsewdrag >> nth=0")
    # Without its rules the modebar is a column below, and the layers of the figure are stacked.
    bar = page.locator(".modebar").bounding_box()
    plot = page.locator("#plot .svg-container").bounding_box()
    assert bar is not None
    assert plot is not None
    assert bar["y"] - plot["y"] < 10
    assert bar["height"] < 40
    assert plot["height"] == 500
    layers = page.eval_on_selector_all(
        ".main-svg", "(layers) => layers.map((layer) => getComputedStyle(layer).position)"
    )
    assert set(layers) == {"absolute"}
    assert page_watch.problems == []
