"""The preview of a shared link: its tags, what they may contain, and the picture that they name."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from tests.helpers.api import keep
from tests.helpers.clients import Client
from tests.helpers.experiments import SMALL


def tags(html: str) -> dict[str, str]:
    """The Open Graph tags of a page."""
    return dict(re.findall(r'<meta property="(og:[\w:]+)"\s+content="([^"]*)"', html))


def test_a_link_names_the_picture_of_its_line(shared_client: Client) -> None:
    run = keep(shared_client, **SMALL).rsplit("/", 1)[1]
    found = tags(shared_client.get(f"/?run={run}&step=5&sample=2&line=dC_da1").text)
    assert found["og:title"] == "∂C/∂a⁽¹⁾ at update 5"
    image = found["og:image"].replace("&amp;", "&")
    assert image.startswith(f"http://127.0.0.1/api/v1/experiments/{run}/picture?")
    answer = shared_client.get(image)
    assert answer.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    size = (int(found["og:image:width"]), int(found["og:image:height"]))
    assert picture.size == size == (1200, 630)


def test_the_picture_has_the_address_that_the_reader_uses(shared_client: Client) -> None:
    headers = {"X-Forwarded-Prefix": "/explorer"}
    html = shared_client.get(f"/?run={'a' * 20}", headers=headers).text
    assert tags(html)["og:image"].startswith("http://127.0.0.1/explorer/api/v1/experiments/aaaa")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "run=1",
        f"run={'a' * 20}&step=-1",
        f"run={'a' * 20}&step=1e3",
        f"run={'a' * 20}&line=<b>",
        f"run={'a' * 20}&sample=x",
        f"run={'a' * 20}/../../metrics",
        'run="><script>alert(1)</script>',
    ],
)
def test_a_link_of_another_form_has_no_picture(shared_client: Client, query: str) -> None:
    html = shared_client.get(f"/?{query}").text
    assert "og:image" not in html
    assert "<script>alert" not in html
    assert tags(html)["og:title"] == "Backprop Explorer"


def test_lessons_and_classes_show_nothing_of_their_numbers(shared_client: Client) -> None:
    run = f"run={'a' * 20}"
    for path in ("/lessons/first-layer", "/join/ABCD-2345"):
        assert "og:" not in shared_client.get(f"{path}?{run}").text
