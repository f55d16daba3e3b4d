"""Activations: f(z), its backward pass and its Jacobian, from the entries of ACTIVATIONS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import Activation, backward_of, jacobian_of
from backprop_explorer.engine.ops.operation import Operand, Operation, Rule, corners, grouped
from backprop_explorer.texts import engine as texts

# Beyond this |z| every slope is 0 or 1 to the last digit, or decays.
_SATURATED = 8.0


def _terms_of(activation: Activation) -> Callable[[Sequence[Any], Any], Any]:
    """The value, and the constant 1 in log(1 + exp(z)) and exp(z) − 1, whose digits cancel.

    Bounded activations are quotients and keep their digits.
    """
    if np.isfinite(activation.range[1]):
        return lambda inputs, a: np.abs(a)
    return lambda inputs, a: np.abs(a) + np.where(a == inputs[0], 0.0, 1.0)


def _slope_terms_of(activation: Activation) -> Callable[[Sequence[Any], Any], Any]:
    """1 − a² and a(1 − a) lose digits near saturation; GELU multiplies 1 − tanh² u by up to z²."""
    if activation.mixing is not None or np.isfinite(activation.range[1]):
        return lambda inputs, value: np.abs(value) + np.abs(inputs[0])
    return lambda inputs, value: (
        np.abs(value) + np.abs(inputs[0]) * (1.0 + np.minimum(np.abs(inputs[1]), _SATURATED) ** 2)
    )


def _softmax_spread_of(activation: Activation) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    def spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
        a = activation.compute(inputs[0])
        moved = np.minimum(spreads[0], 1.0)
        return 2.0 * a * (moved + np.einsum("nk,nk->n", a, moved)[:, None])

    return spread


def _slope_spread_of(activation: Activation) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    back = backward_of(activation)

    def spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
        g, read = inputs
        s, r = spreads
        return np.abs(back(s, read)) + corners(lambda z: back(np.abs(g) + s, z), read, r)

    return spread


def _mixing_spread(inputs: Sequence[Any], spreads: Sequence[Any]) -> Any:
    (g, read), (s, r) = inputs, spreads
    a, size = np.abs(read) + r, np.abs(g) + s
    inner = np.einsum("nk,nk->n", s, a) + np.einsum("nk,nk->n", size, r)
    total = np.einsum("nk,nk->n", size, a)
    return a * (s + inner[:, None]) + r * (size + total[:, None])


def operations_from_activation(activation: Activation) -> tuple[Operation, ...]:
    """Return the operations f(z), its backward pass and its Jacobian."""
    f = activation.symbol
    mixes = activation.derivative is None
    # The backward pass of an activation that mixes units reads its output, not z.
    read: Operand = "result" if mixes else 0
    return (
        Operation(
            name=activation.name,
            family="activation",
            title=activation.title,
            compute=activation.compute,
            formula=lambda inputs, notation: rf"{f}\left({inputs[0].latex}\right)",
            signature="nj->nj",
            entry=activation.entry,
            text=texts.activation_text(activation.title),
            backward=(
                Rule(0, f"{activation.name}_backward", ("g", read), None if mixes else "result"),
            ),
            jacobians=(Rule(0, f"{activation.name}_jacobian", (read,)),),
            terms=_terms_of(activation),
            spread=_softmax_spread_of(activation) if mixes else None,
            ties=None if activation.smooth else lambda inputs, value: inputs[0] == 0,
            copies=lambda z: activation.compute(z.reshape(-1, z.shape[-1])).reshape(z.shape),
        ),
        Operation(
            name=f"{activation.name}_backward",
            family="activation_backward",
            title=texts.back_through(activation.title),
            compute=backward_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"{inputs[1].latex} \odot \left({inputs[0].latex} - "
                        rf"\sum_k {grouped(inputs[0].latex)}{notation.index('k')}\,"
                        rf"{inputs[1].latex}{notation.index('k')}\right)"
                    )
                )
                if mixes
                else (
                    lambda inputs, notation: (
                        rf"{inputs[0].latex} \odot {f}'\left({inputs[1].latex}\right)"
                    )
                )
            ),
            signature="nj,nj->nj",
            entry="{1}·({0} − Σ[{0:nk}·{1:nk}])"
            if mixes
            else f"{{0}}·{activation.derivative_entry}",
            text=texts.MIXES if mixes else texts.slope_text(activation.title),
            terms=_slope_terms_of(activation),
            spread=_mixing_spread if mixes else _slope_spread_of(activation),
        ),
        Operation(
            name=f"{activation.name}_jacobian",
            family="jacobian",
            title=texts.jacobian_of(activation.title),
            compute=jacobian_of(activation),
            formula=(
                (
                    lambda inputs, notation: (
                        rf"{inputs[0].latex}{notation.index('j')}\,\left(\delta_{{jk}} - "
                        rf"{inputs[0].latex}{notation.index('k')}\right)"
                    )
                )
                if mixes
                else (
                    lambda inputs, notation: (
                        rf"\mathrm{{diag}}\left({f}'\left({inputs[0].latex}\right)\right)"
                    )
                )
            ),
            signature="nj->njk",
            entry="{0}·([j = k] − {0:nk})"
            if mixes
            else activation.derivative_entry.replace("{1}", "{0}") + " if j = k else 0",
            text=texts.JACOBIAN_MIXES if mixes else texts.JACOBIAN_DIAGONAL,
        ),
    )
