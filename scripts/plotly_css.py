"""Write static/css/plotly.css after an update of plotly: python scripts/plotly_css.py

Plotly.js inserts its own style rules when it is loaded. Our content security policy forbids that,
so they are served as a file, which the page links as
<link id="plotly.js-style-global" class="no-inline-styles">; plotly.js then inserts none.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "static" / "css" / "plotly.css"

RULES = """
() => [...document.getElementById("plotly.js-style-global").sheet.cssRules].map((r) => r.cssText)
"""


def stylesheet(browser: Browser, plotly_js: Path) -> str:
    """Return the style sheet of this plotly.js, one rule per line."""
    page = browser.new_page()
    page.set_content("<!doctype html><title>plotly</title>")
    page.add_script_tag(path=plotly_js)
    version: str = page.evaluate("Plotly.version")
    # plotly.js inserts each rule before the previous one.
    rules: list[str] = list(reversed(page.evaluate(RULES)))
    page.close()
    heading = (
        f"/* The rules that plotly.js {version} inserts into the page by itself, which the\n"
        "   content security policy forbids. Made by scripts/plotly_css.py. */\n"
    )
    return heading + "\n".join(rules) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from backprop_explorer.web.assets import VENDOR, installed_file

    chromium = os.environ.get("EXPLORER_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        file = VENDOR["vendor/plotly.min.js"]
        TARGET.write_text(stylesheet(browser, installed_file(file.package, file.path)))
