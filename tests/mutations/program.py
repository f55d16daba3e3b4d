"""Defects of the program behind the page: server, checker, lessons, engine."""

from __future__ import annotations

from tests.mutations import Mutation

PROGRAM: list[Mutation] = [
    Mutation(
        "app/backprop_explorer/engine/activations.py",
        "    out = np.multiply(a, a, out=out)",
        "    out = np.multiply(a, 1, out=out)",
        ("tests/engine",),
    ),
]
