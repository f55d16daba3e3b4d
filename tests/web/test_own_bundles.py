"""The bundles of the pages: the same program as the files, few of them, with a map."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backprop_explorer.web.bundles import join
from tests.browser import READY
from tests.helpers.browsers import PageWatch
from tests.helpers.environment import ROOT
from tests.helpers.lessons import LESSONS

STATIC = ROOT / "static"
# What pages ask for as one file; some by a name that they make up.
ENTRIES = sorted(
    {
        *(
            "css/explorer.css",
            "css/lesson-page.css",
            "js/classroom/teach.js",
            "js/classroom/open.js",
        ),
        *(
            name
            for page in (ROOT / "templates").glob("*.html")
            for name in re.findall(r"whole\('([\w/-]+\.(?:js|css))'\)", page.read_text("utf-8"))
        ),
    }
)
EXPORTED = re.compile(r"^modules\$\[(\d+)\] = Object\.freeze\(\{(.*)\}\);\}$", re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_all_our_files_can_be_bundled(entry: str) -> None:
    joined = join(entry, lambda name: (STATIC / name).read_text("utf-8"))
    assert joined.sources[-1] == entry
    assert bool(joined.map) == entry.endswith(".js")


SAME_STRINGS = """
import { readFileSync } from "node:fs";
import { literals } from "./tests/js/literals.js";
const isPath = (text) => text.startsWith("./") || text.startsWith("../");
const strings = (text) => literals(text).map(({ value }) => value).filter((each) => !isPath(each));
const [sources, bundle] = JSON.parse(readFileSync(0, "utf8"));
const [before, after] = [sources.flatMap(strings), strings(bundle)];
const differs = before.findIndex((each, k) => each !== after[k]);
console.log(JSON.stringify([before.length, after.length, differs]));
"""


def in_node(script: str, given: object, *flags: str) -> Any:
    """What a script prints as JSON that reads this from its standard input."""
    done = subprocess.run(
        ["sh", "scripts/node.sh", ".venv", "node", *flags, "--input-type=module", "-e", script],
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_only_comments_are_left_out() -> None:
    """What a parser of JavaScript finds in the files, it finds in the bundle."""
    joined = join("js/main.js", lambda name: (STATIC / name).read_text("utf-8"))
    sources = [(STATIC / name).read_text("utf-8") for name in joined.sources]
    before, after, differs = in_node(SAME_STRINGS, [sources, joined.text])
    assert before == after > 1000
    assert differs == -1
    assert not re.search(r"^\s*(/\*|//(?!#))", joined.text, re.MULTILINE)
    assert len(joined.text) < 0.85 * sum(map(len, sources))


# Node knows the exports of a module once it is linked; it need not be run.
REAL_EXPORTS = """
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { SourceTextModule } from "node:vm";
const sources = JSON.parse(readFileSync(0, "utf8"));
const modules = Object.fromEntries(Object.entries(sources).map(([name, text]) =>
    [name, new SourceTextModule(text, { identifier: name })]));
const find = (path, { identifier }) => modules[posix.join(posix.dirname(identifier), path)];
for (const each of Object.values(modules)) await each.link(find);
console.log(JSON.stringify(Object.entries(modules).map(([name, { namespace }]) =>
    [name, Reflect.ownKeys(namespace).filter((key) => typeof key === "string").sort()])));
"""


def test_a_parser_of_javascript_finds_the_same_exports() -> None:
    """Compare the exports that the bundler finds with those of a real parser."""
    joined = join("js/main.js", lambda name: (STATIC / name).read_text("utf-8"))
    modules = {name: (STATIC / name).read_text("utf-8") for name in joined.sources}
    found = dict(in_node(REAL_EXPORTS, modules, "--experimental-vm-modules"))
    assert found.pop("js/main.js") == []
    ours = {
        joined.sources[int(each[1])]: sorted(filter(None, each[2].split(", ")))
        for each in EXPORTED.finditer(joined.text)
    }
    assert {name: ours[name] for name in found} == found


def test_a_page_is_a_handful_of_files(page: Page, page_watch: PageWatch) -> None:
    """The explorer's and the documentation's are counted where these are opened for more."""
    ready = {f"/lessons/{next(iter(LESSONS))}": READY, "/lessons": READY}
    for path, selector in (ready | {"/check": "[data-slot='settings'] *"}).items():
        page_watch.requests.clear()
        page.goto(path)
        expect(page.locator(selector).first).to_be_attached()
        files = {url for url in page_watch.requests if "/static/" in url}
        assert len(files) <= 6, files  # a lesson has a part of its own
    assert page_watch.problems == []
