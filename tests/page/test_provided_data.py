"""A class's own data, which the server offers in the menu of data sets."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.browser import READY, field, readout, until
from tests.helpers.browsers import PageWatch
from tests.helpers.serving import serving

RAIN = "pressure,humidity,rain\n" + "".join(
    f"{k % 7}.5,{k % 5},{('no', 'drizzle', 'pours')[k % 3]}\n" for k in range(30)
)

# The groups of the form at the moment in which the page says that it is ready.
GROUPS_WHEN_READY = """() => new Promise((done) => {
    const look = () => document.body?.dataset.ready === 'true' &&
        done(document.querySelectorAll('details.group').length);
    new MutationObserver(look).observe(document, { attributes: true, subtree: true });
    look();
})"""


def test_a_table_of_the_server_is_chosen_and_comes_back(
    page: Page, page_watch: PageWatch, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "rain.csv").write_text(RAIN)
    (tmp_path / "rain.yaml").write_text("title: Rain in Bergen\ndescription: A month.\n")
    (tmp_path / "rates.csv").write_text("x,y\n1.5,2.5\n2.5,3.5\n3.5,1.5\n4.5,2\n")
    given = settings.model_copy(update={"datasets": (str(tmp_path),), "workers": 0})
    with serving(create_app(given)) as (port, _):
        page_watch.origin = f"http://127.0.0.1:{port}"
        page.goto(f"{page_watch.origin}/#line=z1", wait_until="commit")
        assert page.evaluate(GROUPS_WHEN_READY) == 5
        menu = field(page, "dataset.name")
        menu.select_option(label="Rain in Bergen")
        expect(readout(page, "own-data")).to_have_text(re.compile(r"^30 rows\. A month\."))
        expect(page.locator('[data-field="network.layers.2.units"]')).to_have_value("3")
        expect(menu.locator("option:checked")).to_have_text("Rain in Bergen")
        expect(page.locator('[data-slot="examples"]')).to_contain_text("Rain in Bergen · 2-4-4-3")
        page.reload()
        until(page, READY)
        expect(page.locator('[data-slot="examples"]')).to_contain_text("Rain in Bergen")
        menu = field(page, "dataset.name")
        menu.select_option(label="rates")
        expect(page.locator('[data-field="cost.name"]')).to_have_value("mse")
        menu.select_option("moons")
        expect(menu.locator("option", has_text="own table")).to_have_count(0)
        # An answer that the page still waits for would fail with the server.
        page.close()
