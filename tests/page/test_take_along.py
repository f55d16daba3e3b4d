"""Pictures to take along: a pass and a run as animated GIF, figures as SVG and PNG."""

from __future__ import annotations

import base64
import io
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Download, Page, expect

from tests.browser import action, line_ids, open_page, readout

pytestmark = pytest.mark.shared_page

PLAYED = """async (address) => {
    const video = document.createElement('video');
    const happened = (name) => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.addEventListener('error', () => reject(video.error), { once: true });
    });
    const bytes = await (await fetch(address)).blob();
    video.muted = true;
    video.src = URL.createObjectURL(bytes);
    await happened('loadeddata');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const look = () => {
        canvas.getContext('2d').drawImage(video, 0, 0);
        return canvas.toDataURL();
    };
    const first = look();
    const ended = happened('ended');
    await video.play();
    await ended;
    return { size: [canvas.width, canvas.height], first, last: look() };
}"""

# A recording has six pictures of each line, and each takes 0.1 s: a small network has few lines.
ONE_LAYER = "network.layers.0.units=1&network.layers.0.activation=sigmoid"


def taken(page: Page, name: str) -> Download:
    """What a press on an entry of the menu downloads."""
    if not page.locator("#share").is_visible():
        action(page, "share").click()
    with page.expect_download(timeout=60_000) as waiting:
        action(page, name).click()
    return waiting.value


def frames_of(download: Download) -> list[tuple[Image.Image, int]]:
    """The frames of a GIF and how long each is shown, in ms."""
    picture = Image.open(io.BytesIO(Path(download.path()).read_bytes()))
    frames = []
    for k in range(getattr(picture, "n_frames", 1)):
        picture.seek(k)
        frames.append((picture.convert("RGB"), int(picture.info["duration"])))
    return frames


def test_the_error_runs_back_in_a_gif(page: Page) -> None:
    open_page(page, f"#step=20&line=z1&{ONE_LAYER}")
    ids = line_ids(page)
    backward = ids[ids.index("C") + 1 :]
    assert backward[-1] == "b1_next"
    download = taken(page, "take-backward")
    assert download.suggested_filename == "backprop-error-back-step-20.gif"
    frames = frames_of(download)
    rests = [picture for picture, delay in frames if delay > 500]
    assert len(rests) == len(backward)
    # Every line has a picture of its own, and something moves before it.
    assert all(ImageChops.difference(one, other).getbbox() for one, other in pairwise(rests))
    first, second = frames[0][0], frames[1][0]
    assert ImageChops.difference(first, second).getbbox()
    # The page is as it was.
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "z1")


@pytest.mark.exhaustive
def test_a_run_is_shown_from_its_first_step(page: Page) -> None:
    open_page(page, "#step=12")
    frames = frames_of(taken(page, "take-run"))
    assert len(frames) == 13
    assert ImageChops.difference(frames[0][0], frames[-1][0]).getbbox()
    expect(readout(page, "step")).to_have_text("12")


@pytest.mark.own_page
def test_a_run_is_recorded_as_a_video(page: Page) -> None:
    open_page(page, "#step=2")
    action(page, "share").click()
    page.locator('[data-control="moving-format"]').select_option("webm")
    download = taken(page, "take-run")
    assert download.suggested_filename == "backprop-run-step-2.webm"
    file = base64.b64encode(Path(download.path()).read_bytes()).decode()
    # Played in a page without a policy: its size, and that its first picture is not its last.
    player = page.context.new_page()
    seen = player.evaluate(PLAYED, f"data:video/webm;base64,{file}")
    player.close()
    assert seen["size"] == [1200, 750]
    assert seen["first"] != seen["last"]


@pytest.mark.exhaustive
def test_a_browser_that_cannot_record_says_so(lone_page: Page) -> None:
    lone_page.add_init_script("delete window.MediaRecorder")
    open_page(lone_page, "#step=4")
    action(lone_page, "share").click()
    option = lone_page.locator('[data-control="moving-format"] option[value="webm"]')
    expect(option).to_be_disabled()
    expect(option).to_have_text("WebM: this browser cannot record it")
    assert len(frames_of(taken(lone_page, "take-run"))) == 5


def test_a_figure_is_saved_as_svg_and_png_and_making_a_gif_can_be_stopped(page: Page) -> None:
    open_page(page, "#step=20")
    action(page, "share").click()
    for name in ("network", "data"):
        expect_saved(page, name)
    action(page, "take-run").click()
    expect(readout(page, "shared")).to_contain_text("Frame")
    action(page, "take-run").click()
    expect(readout(page, "shared")).to_have_text("Stopped.")


def expect_saved(page: Page, name: str) -> None:
    """Save a figure in both ways, and look into the files."""
    page.locator('[data-control="figure-to-save"]').select_option(name)
    svg = Path(taken(page, "save-svg").path()).read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "<script" not in svg
    size = page.locator(f'[data-figure="{name}"]').evaluate("e => [e.clientWidth, e.clientHeight]")
    picture = Image.open(io.BytesIO(Path(taken(page, "save-png").path()).read_bytes()))
    assert list(picture.size) == [2 * side for side in size]
    # It is not empty.
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20
