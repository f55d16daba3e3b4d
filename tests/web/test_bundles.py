"""Bundles: the same program as the single files; what is served; refused forms."""

from __future__ import annotations

import json
import logging
import posixpath
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route
from starlette.applications import Starlette

from backprop_explorer.web.assets import IMMUTABLE, Assets
from backprop_explorer.web.bundles import BundleError, entry_of, join, joined_name, map_name
from tests.browser import READY, until
from tests.helpers.clients import Client, MakeClient

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes files into a folder and returns the folder."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / "js" / f"{name.replace('__', '/')}.js"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return write


def text_of(folder: Path, entry: str = "js/main.js") -> str:
    return join(entry, lambda name: (folder / name).read_text("utf-8")).text


def run(browser: Browser, text: str) -> object:
    """Run a bundle in a browser and return its ``globalThis.found``."""
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page.goto("http://joined.test/")
    page.route(
        "**/joined.js", lambda route: route.fulfill(body=text, content_type="text/javascript")
    )
    found: object = page.evaluate("async () => { await import('/joined.js'); return found; }")
    context.close()
    return found


def test_a_bundle_is_the_same_program(write: Write, browser: Browser) -> None:
    folder = write(
        main="""/** import { no } from "./nowhere.js"; see import("./types.js").Type */
import "./first.js";
import { add as plus, same, Point, LIST, later } from "./lib/maths.js"; // one line
import {
  add,
} from "./other.js";
import * as all from './lib/maths.js';
import { small, text } from "./vendored.js";
const note = `
  export is a word
import numpy as np
`;
const own = "mine var";
globalThis.found.push(plus(1, 2), add(1, 2), same(own), new Point(3).x, LIST, await later());
globalThis.found.push(all.add(2, 2), Object.keys(all).sort(), hoisted(), note);
globalThis.found.push(small("very "), text);
function hoisted() { return "hoisted"; }""",
        first="globalThis.found = ['first'];\n",
        other='import { add as sum } from "./lib/maths.js";\nconst own = 10;\n'
        "export const add = (a, b) => own * sum(a, b);\n",
        # as minifiers write it
        vendored='import{add as e}from"./lib/maths.js";var own="small",o=class{},text="export{e};"'
        ";const s=t=>e(t,own);export{s as small,o as $Part,text};",
        lib__maths="""// export const hidden = 1;
const own = "theirs";
export function add(a, b) { return a + b; }
export function same(value) { return value === own; }
export class Point { constructor(x) { this.x = x; } }
export const LIST = ["import x from 'y'", 'export default'];
export async function later() { return own; }
export function* count() { yield 1; }
""",
    )
    found = run(browser, text_of(folder))
    exported = ["LIST", "Point", "add", "count", "later", "same"]
    assert found == [
        *("first", 3, 30, False, 3, ["import x from 'y'", "export default"], "theirs"),
        *(4, exported, "hoisted", "\n  export is a word\nimport numpy as np\n"),
        *("very small", "export{e};"),
    ]


def test_what_is_imported_later_is_a_bundle_of_what_the_first_has_not(
    write: Write, browser: Browser
) -> None:
    folder = write(
        main="""import { count } from "./lib/shared.js"; // not import("./nowhere.js")
globalThis.found = [count(), "import('./no.js')"];
globalThis.more = async () => {
  const { more } = await import("./lib/more.js");
  const { other } = await import('./lib/other.js');
  return [...globalThis.found, more(), other(), count()];
};
""",
        lib__shared="let n = 0;\nexport const count = () => ++n;\n",
        lib__more='import { count } from "./shared.js";\nimport { own } from "./own.js";\n'
        "export const more = () => [count(), own.push(1)];\n",
        lib__other='import { own } from "./own.js";\nexport const other = () => own.push(2);\n',
        lib__own="export const own = [];\n",
    )
    parts = ("js/main.js", "js/lib/more@main.js", "js/lib/other@main.js")
    texts = {
        joined_name(each): join(each, lambda name: (folder / name).read_text()).text
        for each in parts
    }
    assert ["const count" in text for text in texts.values()] == [True, False, False]
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    for name, text in texts.items():
        page.route(f"**/{name}", partial(fulfil, text))
    page.goto("http://joined.test/")
    found = page.evaluate("async () => { await import('/js/main.joined.js'); return more(); }")
    context.close()
    # each module has run once, whichever bundle it is in
    assert found == [1, "import('./no.js')", [2, 1], 2, 3]


def fulfil(text: str, route: Route) -> None:
    route.fulfill(body=text, content_type="text/javascript")


def test_a_module_runs_once_and_before_those_that_import_it(write: Write) -> None:
    folder = write(
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\n',
        a='import { c } from "./c.js";\nexport const a = c;\n',
        b='import { c } from "./c.js";\nexport const b = c;\n',
        c="export const c = {};\n",
    )
    joined = join("js/main.js", lambda name: (folder / name).read_text())
    assert joined.sources == ("js/c.js", "js/a.js", "js/b.js", "js/main.js")
    assert joined.text.count("const c = {};") == 1


@pytest.mark.parametrize(
    ("main", "why"),
    [
        ('import { a } from "./main.js";\n', "cyclic imports: js/main.js → js/main.js"),
        ('import { b } from "./b.js";\n', "js/main.js → js/b.js → js/main.js"),
        ('import { x } from "./nowhere.js";\n', "js/nowhere.js: FileNotFoundError"),
        ('import { x } from "./a.js";\n', "js/main.js: js/a.js exports no x"),
        ('import { default as x } from "./a.js";\n', "default as x"),
        ('import x from "./a.js";\n', "js/main.js:1: unsupported form"),
        ('import { a } from "a.js";\n', "'a.js' is not a relative path"),
        ('let x;\nimport { a } from "./a.js";\n', "js/main.js:2: unsupported form"),
        ("export default 1;\n", "js/main.js:1: unsupported form of an export"),
        ("export let x = 1;\n", "unsupported form of an export"),
        ("export { a as default };\n", "unsupported name 'a as default'"),
        ('const a = 1;export{a}from"./a.js";', "unsupported form of an export"),
        ("const a = 1;export default a;", "unsupported form of an export"),
        ('export * from "./a.js";\n', "unsupported form of an export"),
        ("export const { x } = {};\n", "unsupported form of an export"),
        ("const x = 1;\n\nlet y = await import('a.js');\n", r"js/main.js:3: import.* relative"),
        ("let y = await import('./nowhere.js');\n", "js/nowhere.js: FileNotFoundError"),
        ("let url = import.meta.url;\n", "js/main.js:1: .*import.meta"),
        ("var x = 1;\nawait x;\n", "var beside await"),
        ("const modules$ = 1;\n", "modules"),
        ("const text = `\nexport const x = 1;\n`;\n", "js/main.js:2: export within a string"),
    ],
)
def test_other_forms_are_refused(write: Write, main: str, why: str) -> None:
    folder = write(
        main=main, a="export const a = 1;\n", b='import { x } from "./main.js";\nexport const b=1;'
    )
    with pytest.raises(BundleError, match=why):
        text_of(folder)


def test_the_map_names_the_line_of_the_source(write: Write) -> None:
    folder = write(
        check__main='/** π */\nimport {\n  a,\n} from "../a.js";\n\na();\n',
        a="export function a() {\n  /* one\n */ throw new Error();\n}",
    )
    entry = "js/check/main.js"
    joined = join(entry, lambda name: (folder / name).read_text())
    lines = joined.text.split("\n")
    assert lines[-2] == "//# sourceMappingURL=main.joined.js.map"
    places = lines_of(entry, joined.map)
    assert {source for source, _ in places.values()} == {"js/a.js", entry}
    for at, (source, line) in places.items():
        original = (folder / source).read_text().split("\n")[line]
        # The same columns too: what is taken away leaves spaces, except at the end.
        assert all(a in (b, " ") for a, b in zip(lines[at], original, strict=False))
        assert len(lines[at]) == len(original) or not lines[at].strip()
    assert [lines[at] for at, place in places.items() if place == ("js/a.js", 2)] == [
        "    throw new Error();"
    ]
    assert [lines[at] for at, place in places.items() if place == (entry, 5)] == ["a();"]


def lines_of(entry: str, mapped: bytes) -> dict[int, tuple[str, int]]:
    """Decode a source map of sections: each line of the joined file → source and line there."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found: dict[int, tuple[str, int]] = {}
    for section in json.loads(mapped)["sections"]:
        start, own = section["offset"]["line"], section["map"]
        source = line = 0
        for k, segment in enumerate(own["mappings"].split(";")):
            column, to_source, to_line, to_column = map(letters.index, segment)
            # One letter is one number below 16; its last bit is the sign.
            assert column == to_column == 0
            source, line = source + to_source // 2, line + to_line // 2
            path = posixpath.join(posixpath.dirname(entry), own["sources"][source])
            found[start + k] = posixpath.normpath(path), line
    return found


def test_sheets_stand_in_the_order_of_their_imports() -> None:
    files = {
        "css/page.css": '/* @import "./no.css"; */\n@import "./a.css";\n@import "./b.css";\np{}\n',
        "css/a.css": '@import "./b.css";\na { src: url("../x.woff2"); }\n',
        "css/b.css": "b {}\n",
    }
    joined = join("css/page.css", files.__getitem__)
    assert joined.text == 'b {}\na { src: url("../x.woff2"); }\np{}\n'


def test_a_sheet_is_in_the_layer_that_its_import_names() -> None:
    files = {
        "css/page.css": '@import "./a.css" layer(base);\n@import "./b.css";\n',
        "css/a.css": "a {}\n",
        "css/b.css": '@import "./c.css" layer(last);\n',
        "css/c.css": "c {}\n",
    }
    joined = join("css/page.css", files.__getitem__)
    assert joined.text.replace("\n", "") == "@layer base {a {}}@layer last {c {}}"
    # What a sheet in a layer imports would be in a layer within it.
    files["css/a.css"] = '@import "./c.css";\n'
    with pytest.raises(BundleError, match=r"css/a\.css: @import within a layer"):
        join("css/page.css", files.__getitem__)


def test_conditions_that_a_sheet_names_are_written_out_in_all() -> None:
    files = {
        "css/page.css": '@import "./a.css";\n@import "./b.css";\n',
        "css/a.css": "@custom-media --phone (max-width: 43.75em); /* small */\n",
        "css/b.css": "@media (--phone), (hover: none) {\n  p { color: var(--ink); }\n}\n"
        "@container box (--phone) {}\n",
    }
    written = "@media (max-width: 43.75em), (hover: none) {\n  p { color: var(--ink); }\n}\n"
    written += "@container box (max-width: 43.75em) {}"
    assert join("css/page.css", files.__getitem__).text.strip() == written.strip()
    files["css/a.css"] = ""
    with pytest.raises(BundleError, match="--phone is not defined"):
        join("css/page.css", files.__getitem__)


@pytest.mark.parametrize(
    "text", ['p{}\n@import "./a.css";', '@import url("a.css");', '@charset "utf-8";']
)
def test_sheets_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(BundleError, match=r"css/page\.css: @"):
        join("css/page.css", lambda _name: text)


def test_names() -> None:
    for entry in ("js/check/main.js", "css/explorer.css"):
        assert entry_of(joined_name(entry)) == entry
        assert entry_of(entry) is None
    assert entry_of(map_name("js/main.js")) == "js/main.js"


@pytest.fixture
def assets(write: Write) -> Assets:
    write(main='import { a } from "./a.js";\na();\n', a="export const a = () => 1;\n")
    return Assets(None, write())


@pytest.fixture
def files(assets: Assets, make_client: MakeClient) -> Client:
    return make_client(Starlette(routes=assets.routes()))  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_bundle_is_served_as_any_other_file(assets: Assets, files: Client, encoding: str) -> None:
    url = assets.urls()(assets.whole("js/main.js"))
    assert re.fullmatch(r"/static/[0-9a-f]{12}/js/main\.joined\.js", url)
    response = files.get(url, headers={"Accept-Encoding": encoding})
    assert response.headers["cache-control"] == IMMUTABLE
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers.get("content-encoding", "identity") == encoding
    assert "const a = () => 1;" in response.text
    again = files.get(
        url, headers={"Accept-Encoding": encoding, "If-None-Match": response.headers["etag"]}
    )
    assert again.status_code == 304
    mapped = files.get(f"{url}.map", headers={"Accept-Encoding": encoding})
    assert mapped.headers["content-type"] == "application/json"
    for section in mapped.json()["sections"]:
        source = posixpath.normpath(
            posixpath.join(posixpath.dirname(url), *section["map"]["sources"])
        )
        assert files.get(source).status_code == 200


def test_a_change_of_any_source_is_served_at_the_next_load(
    assets: Assets, files: Client, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backprop_explorer.web.assets.LOOK_SECONDS", 0)
    before = assets.urls()(assets.whole("js/main.js"))
    assert files.get(before).status_code == 200
    write(a='import { b } from "./b.js";\nexport const a = () => b;\n', b="export const b = 22;\n")
    after = assets.urls()(assets.whole("js/main.js"))
    assert after != before
    assert "const b = 22;" in files.get(after).text
    write(b="export const b = 333;\n")
    assert "const b = 333;" in files.get(after).text


def test_a_later_start_has_the_bundle_of_the_files_as_they_are(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started() -> Assets:
        return Assets(tmp_path / "cache", tmp_path)

    def text(assets: Assets) -> bytes:
        return assets._encode(assets.whole("js/main.js"), "identity")[0]

    def refuse(*_: object) -> None:
        raise AssertionError("bundled again")

    write(main='import { a } from "./a.js";\na();\n', a="export const a = () => 1;\n")
    first = text(started())
    with monkeypatch.context() as patch:
        patch.setattr("backprop_explorer.web.bundle_store.join", refuse)
        assert text(started()) == first
    write(a="export const a = () => 5;\n")
    assert b"() => 5" in text(started())
    with monkeypatch.context() as patch:
        patch.setattr("backprop_explorer.web.bundle_store.join", refuse)
        later = started()
        assert b"() => 5" in text(later)
    write(a="export const a = () => 66;\n")
    assert b"() => 66" in text(later)
    kept = [path.name for path in (tmp_path / "cache").iterdir()]
    assert len([name for name in kept if name.endswith("-js_main.js.bundle")]) == 1


def test_refused_files_are_served_separately_and_logged_once(
    assets: Assets, files: Client, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    write(a="export default () => 1;\n")
    with caplog.at_level(logging.WARNING):
        assert [assets.whole("js/main.js") for _ in range(3)] == ["js/main.js"] * 3
    said = "js/main.js is served in separate files. js/a.js:1: unsupported form of an export"
    assert [record.getMessage() for record in caplog.records] == [said]
    assert files.get("/static/js/main.joined.js").status_code == 404
    write(a="export const a = () => 4;\n")
    assert assets.whole("js/main.js") == "js/main.joined.js"


@pytest.mark.parametrize("path", ["../outside.joined.js", "js/none.joined.js", ".x.joined.css"])
def test_other_files_are_not_bundled(files: Client, path: str, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.js").write_text("secret")
    assert files.get(f"/static/{path}").status_code == 404


def test_a_bundle_refers_to_its_source_map(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    told: dict[str, str] = {}
    session.on(
        "Debugger.scriptParsed",
        lambda event: told.update({event["url"]: event.get("sourceMapURL", "")}),
    )
    session.send("Debugger.enable")
    page.goto("/check")
    until(page, READY)
    found = {url.rpartition("/")[2]: at for url, at in told.items() if "/js/" in url}
    assert found == {"main.joined.js": "main.joined.js.map"}
