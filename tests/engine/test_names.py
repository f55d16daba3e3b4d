"""Names: ids, symbols, and the words of a screen reader."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from backprop_explorer.engine import names
from backprop_explorer.engine.names import Name, named
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.updates import Update
from tests.helpers.environment import ROOT
from tests.helpers.networks import build, traced


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("target", "y"),
        ("z2", "z^{(2)}"),
        ("W12", "W^{(12)}"),
        ("dC_da1", r"\frac{\partial C}{\partial a^{(1)}}"),
        ("da1_dz1", r"\frac{\partial a^{(1)}}{\partial z^{(1)}}"),
        ("dz2_dW2", r"\frac{\partial z^{(2)}}{\partial W^{(2)}}"),
        ("penalty3", "R^{(3)}"),
        ("velocity_W1", "v_{W^{(1)}}"),
        ("velocity_b2_next", r"v_{b^{(2)},\,\mathrm{new}}"),
        ("m_hat_W1", r"\hat{m}_{W^{(1)}}"),
        ("W1_next", r"W^{(1)}_{\mathrm{new}}"),
    ],
)
def test_symbols(name: str, latex: str) -> None:
    assert named(name).latex == latex


@pytest.mark.parametrize(
    ("name", "plain", "spoken"),
    [
        ("z1", "z⁽¹⁾", "layer 1, z"),
        ("dC_dW12", "∂C/∂W⁽¹²⁾", "layer 12, dC/dW"),
        ("W2_next", "W⁽²⁾′", "layer 2, new W"),
        ("C", "C", "cost"),
        ("m_hat_W1", "m\u0302 of W⁽¹⁾", "layer 1, m hat of W"),
        ("m_W1_next", "m′ of W⁽¹⁾", "layer 1, new m of W"),
        ("dz2_dW2", "∂z⁽²⁾/∂W⁽²⁾", "layer 2, Jacobian dz/dW"),
        ("penalty2", "R⁽²⁾", "penalty of layer 2"),
    ],
)
def test_names_are_written_as_on_the_page(name: str, plain: str, spoken: str) -> None:
    assert named(name).plain == plain
    assert named(name).spoken == spoken


@pytest.mark.parametrize(
    ("name", "everywhere"),
    [
        ("x", "x"),
        ("a2", "a"),
        ("beta1", "beta1"),
        ("dC_dW12", "dC_dW"),
        ("dz2_da1", "dz_da"),
        ("m_hat_b3", "m_hat_b"),
        ("m_W1_next", "m_W_next"),
        ("learning_rate2", "learning_rate"),
    ],
)
def test_a_quantity_is_the_same_in_every_layer(name: str, everywhere: str) -> None:
    assert named(name).kind == everywhere


def every_name() -> list[Name]:
    rng = np.random.default_rng(0)
    network = build(2, (3, "tanh"), (4, "sigmoid"))
    return [
        name
        for optimizer in OPTIMIZERS
        for update in (Update(optimizer, layer_factors=(1.0, 0.5), schedule="cosine"),)
        for name in traced(rng, network, update=update, jacobians=True).graph.axes
        if isinstance(name, Name)
    ]


def test_an_id_gives_the_same_name_again() -> None:
    """Links and requests send ids; a process sends names to another one."""
    found = every_name()
    assert len(set(found)) > 50
    for name in found:
        for again in (named(str(name)), pickle.loads(pickle.dumps(name))):
            assert (again, again.quantity, again.number) == (name, name.quantity, name.number)
            assert (again.of, again.latex, again.spoken) == (name.of, name.latex, name.spoken)


def test_the_page_names_values_by_their_ids_as_the_server_does() -> None:
    """It has ids alone in links, edits and rooms: `static/js/core/names.js`."""
    found = every_name()
    done = subprocess.run(
        ["sh", "scripts/node.sh", sys.prefix, "node", "tests/js/helpers/names.js"],
        cwd=ROOT,
        input=json.dumps(found),
        capture_output=True,
        text=True,
        check=True,
    )
    for name, here in zip(found, json.loads(done.stdout), strict=True):
        assert here == {
            "id": name,
            "quantity": name.kind,
            "layer": name.layer,
            "label": name.plain,
            "spoken": name.spoken,
        }


def test_a_name_knows_its_variable_and_layer() -> None:
    W = names.weights(2)
    velocity = names.updated(names.state("velocity", W))
    assert velocity == "velocity_W2_next"
    assert velocity.variable == W
    assert names.jacobian(names.weighted_sum(2), W).variable == W
    assert (velocity.layer, names.gradient(W).layer, names.COST.layer) == (2, 2, None)


def test_a_variable_of_a_program_is_not_the_value_of_a_layer() -> None:
    """They may be called alike, and a process computes both."""
    own = names.gradient(names.variable("W2"))
    assert own.layer is None
    assert names.gradient(names.weights(2)).layer == 2
    assert names.gradient(names.variable("W2")).layer is None
