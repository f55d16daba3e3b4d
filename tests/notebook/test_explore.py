"""``bx.explore``: the server of a kernel, its token and its end, and the address of a working."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.notebook.explore import base_url, experiment_of, leaves
from backprop_explorer.notebook.server import LocalServer, local_server
from tests.helpers.environment import ROOT, environment

RNG = np.random.default_rng(6)
LAYERS = [
    (RNG.normal(size=(3, 2)), RNG.normal(size=3)),
    (RNG.normal(size=(2, 3)), RNG.normal(size=2)),
]
BATCH, TARGETS = RNG.normal(size=(5, 2)), RNG.random((5, 2))


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    server = local_server()
    yield server
    server.stop()


def test_only_the_address_with_the_token_is_answered(server: LocalServer) -> None:
    page = httpx.get(server.url)
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    bare = f"http://127.0.0.1:{server.port}"
    for path in ("/", "/api/v1/catalog", f"/{server.token}x/", "/static/js/main.js"):
        assert httpx.get(bare + path).status_code == 404
    assert httpx.get(f"{server.url}api/v1/catalog").status_code == 200


def test_one_server_serves_all_cells(server: LocalServer) -> None:
    first, second = bx.explore(), bx.explore({"dataset": {"name": "circles"}}, step=30)
    assert first.url == server.url
    assert second.url.startswith(f"{server.url}#step=30&dataset.name=circles")
    assert f'src="{first.url}?embed=1"' in first._repr_html_()
    assert second.embedded_url.startswith(f"{server.url}?embed=1#step=30&")
    # The link below the frame opens the whole page.
    assert f'href="{first.url}"' in first._repr_html_()
    assert first.url in repr(first)


@pytest.mark.parametrize("batch", [True, False])
def test_the_recipe_of_a_working_has_its_numbers(batch: bool) -> None:
    x, target = (BATCH, TARGETS) if batch else (BATCH[0], TARGETS[0])
    working = bx.trace(LAYERS, x, target, activations=["tanh", "sigmoid"], l2=0.1)
    recipe = Recipe.model_validate(experiment_of(working.problem))
    experiment = bx.experiment(recipe)
    layers = experiment.frame(0)["layers"]
    for k, layer in enumerate(layers, start=1):
        np.testing.assert_allclose(layer["dC_dW"], working[f"dC_dW{k}"].T, rtol=1e-12)
    paths = dict(leaves(experiment_of(working.problem)))
    assert paths["network.weights.0.b"] == LAYERS[0][1].tolist()


def test_classes_are_numbered_for_cross_entropy() -> None:
    target = np.eye(2)[[0, 1, 1, 0, 1]]
    given = {"activations": ["tanh", "softmax"], "cost": "cross_entropy", "reduction": "sum"}
    working = bx.trace(LAYERS, BATCH, target, **given)
    frame = bx.experiment(experiment_of(working.problem)).frame(0)
    np.testing.assert_allclose(frame["layers"][0]["dC_dW"], working["dC_dW1"].T, rtol=1e-12)
    with pytest.raises(InvalidInput, match="one class"):
        experiment_of(bx.trace(LAYERS, BATCH, TARGETS, **given).problem)


def test_a_hub_reaches_it_through_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert base_url(8123) == "http://127.0.0.1:8123/"
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert base_url(8123) == "/user/ada/proxy/8123/"


def test_a_bad_recipe_is_refused(server: LocalServer) -> None:
    with pytest.raises(InvalidInput):
        bx.explore({"dataset": {"name": "nothing"}})


def test_it_ends_with_a_kernel_that_is_killed() -> None:
    # Where no frame is possible, the link is printed.
    script = (
        "import backprop_explorer as bx, sys, time\n"
        "bx.explore(); sys.stdout.flush(); time.sleep(60)"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert kernel.stdout is not None
    name, _, url = unquote(kernel.stdout.readline().strip()).partition(": ")
    assert name == "Backprop Explorer"
    port = int(re.search(r":(\d+)/", url)[1])  # type: ignore[index]
    assert httpx.get(url).status_code == 200
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    kernel.stdout.close()
    assert ended(port)


def ended(port: int) -> bool:
    """Wait until nothing listens on the port, at most ten seconds."""
    for _ in range(100):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=10)
        except httpx.TransportError:
            return True
        signal.sigtimedwait([], 0.1)
    return False


def test_a_program_opens_on_its_own_page(server: LocalServer) -> None:
    def layer(x: Any, W: Any) -> Any:
        return np.tanh(x @ W).sum()

    working = bx.explain(layer, BATCH, RNG.normal(size=(2, 3)))
    shown = working.explore()
    assert shown.url == bx.explore(working).url
    assert shown.url.startswith(f"{server.url}graphs/")
    assert shown.embedded_url == f"{shown.url}?embed=1"
    assert 'data-graph="' in httpx.get(shown.url).text
    trace = httpx.get(f"{server.url}api/v1/graphs/{shown.url.rsplit('/')[-1]}/trace").json()
    assert trace["source"]["lines"][0]["text"].strip() == "def layer(x: Any, W: Any) -> Any:"
    assert trace["cost"] == pytest.approx(working.cost)


def test_a_program_that_the_server_refuses_says_why(server: LocalServer) -> None:
    working = bx.explain(lambda x: (x * np.inf).sum(), np.ones(2))
    with pytest.raises(InvalidInput) as refused:
        working.explore()
    assert refused.value.field


def test_the_check_of_a_program_opens_on_its_own_page(server: LocalServer) -> None:
    def back(dy: Any, cache: Any) -> Any:
        return dy * cache

    x = np.array([1.0, 2.0])
    options: dict[str, Any] = {"forward": lambda x: (x**2, x), "args_of_forward": (x,)}
    found = bx.check_code(back, np.ones(2), **options)
    shown = found.explore()
    assert shown.url.startswith(f"{server.url}check/")
    assert 'data-check="' in httpx.get(shown.url).text
    kept = httpx.get(f"{server.url}api/v1/check/programs/{shown.url.rsplit('/')[-1]}").json()
    assert kept["verdict"] == found.verdict == "wrong"
    assert kept["cases"][0]["results"][0]["right"]["numbers"] == [2.0, 4.0]
