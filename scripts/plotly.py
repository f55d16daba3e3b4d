"""Renew static/vendor and static/css/plotly.css: python scripts/plotly.py

plotly.min.js is the official bundle for cartesian charts, plotly.js-cartesian-dist-min, in the
version that scripts/js/package.json pins; npm compares its checksum with package-lock.json. To take
another version of it, of gifenc or of dagre, change it there, run
``npm --prefix scripts/js install`` and then this script.

Plotly.js inserts its own style rules when it is loaded. Our content security policy forbids that,
so they are served as a file, which the page links as
<link id="plotly.js-style-global" class="no-inline-styles">; plotly.js then inserts none.
"""

import hashlib
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scripts" / "js" / "node_modules" / "plotly.js-cartesian-dist-min"
DAGRE = ROOT / "scripts" / "js" / "node_modules" / "@dagrejs" / "dagre"
GIFENC = ROOT / "scripts" / "js" / "node_modules" / "gifenc"
VENDOR = ROOT / "static" / "vendor"
SCRIPT = VENDOR / "plotly.min.js"
# Each copied file, and where it is in its package.
FILES = {
    SCRIPT: PACKAGE / "plotly-cartesian.min.js",
    VENDOR / "plotly.LICENSE.txt": PACKAGE / "LICENSE",
    VENDOR / "gifenc.js": GIFENC / "dist" / "gifenc.esm.js",
    VENDOR / "gifenc.LICENSE.txt": GIFENC / "LICENSE.md",
    VENDOR / "dagre.js": DAGRE / "dist" / "dagre.esm.js",
    VENDOR / "dagre.LICENSE.txt": DAGRE / "LICENSE",
}
# In the form of sha256sum(1).
CHECKSUMS = VENDOR / "SHA256SUMS.txt"
STYLES = ROOT / "static" / "css" / "plotly.css"

RULES = """
() => [...document.getElementById("plotly.js-style-global").sheet.cssRules].map((r) => r.cssText)
"""


def checksums() -> str:
    """Return the checksums of the copied files."""
    return "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in FILES)


def stylesheet(browser: Browser) -> str:
    """Return the style sheet of this plotly.js, one rule per line."""
    page = browser.new_page()
    page.set_content("<!doctype html><title>plotly</title>")
    page.add_script_tag(path=SCRIPT)
    version: str = page.evaluate("Plotly.version")
    # plotly.js inserts each rule before the previous one.
    rules: list[str] = list(reversed(page.evaluate(RULES)))
    page.close()
    heading = (
        f"/* The rules that plotly.js {version} inserts into the page by itself, which the\n"
        "   content security policy forbids. Made by scripts/plotly.py. */\n"
    )
    return heading + "\n".join(rules) + "\n"


def main() -> None:
    """Copy the files and write the style sheet."""
    for copy, source in FILES.items():
        shutil.copyfile(source, copy)
    CHECKSUMS.write_text(checksums())
    chromium = os.environ.get("EXPLORER_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        STYLES.write_text(stylesheet(browser))


if __name__ == "__main__":
    main()
