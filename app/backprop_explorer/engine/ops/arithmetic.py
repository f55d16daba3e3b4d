"""Elementwise functions of NumPy for recorded programs: arithmetic, powers, exp, log, …

Each input is broadcast to the shape of the value. ``backward`` sums the gradient of an input that
was repeated. The tables of this module are the only place that knows a function's derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import (
    Operation,
    Place,
    Rule,
    broadcast,
    entry_by_entry,
    of_program,
)
from backprop_explorer.texts import engine as texts


class _Function(NamedTuple):
    """A function of one array: ``slope`` of what the rule reads, the input or the result."""

    name: str
    compute: Callable[..., Any]
    latex: str
    entry: str
    reads: str
    slope: Callable[[Any], Any]
    slope_latex: str
    slope_entry: str


def _expit(x: Any) -> Any:
    # SciPy takes longer to import than the rest, and few programs call it.
    from scipy.special import expit

    return expit(x)


def _erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


_LN2, _LN10 = float(np.log(2.0)), float(np.log(10.0))
_ROOT = r"\sqrt{%s}"
# Of the latex and the entries, %s is the input, or what the slope reads.
FUNCTIONS = (
    _Function("exp", np.exp, "e^{%s}", "exp({0})", "result", lambda y: y, "%s", "%s"),
    _Function(
        *("exp2", np.exp2, "2^{%s}", "2^{0}", "result"),
        *(lambda y: y * _LN2, r"\ln 2\,%s", "ln(2)·%s"),
    ),
    _Function(
        *("expm1", np.expm1, "e^{%s} - 1", "exp({0}) − 1", "result"),
        *(lambda y: y + 1.0, r"\left(%s + 1\right)", "(%s + 1)"),
    ),
    _Function(
        *("log", np.log, r"\ln %s", "ln({0})", "input"), *(np.reciprocal, r"\frac{1}{%s}", "1/%s")
    ),
    _Function(
        *("log2", np.log2, r"\log_2 %s", "log2({0})", "input"),
        *(lambda x: 1.0 / (x * _LN2), r"\frac{1}{\ln 2\,%s}", "1/(ln(2)·%s)"),
    ),
    _Function(
        *("log10", np.log10, r"\log_{10} %s", "log10({0})", "input"),
        *(lambda x: 1.0 / (x * _LN10), r"\frac{1}{\ln 10\,%s}", "1/(ln(10)·%s)"),
    ),
    _Function(
        *("log1p", np.log1p, r"\ln\left(1 + %s\right)", "ln(1 + {0})", "input"),
        *(lambda x: 1.0 / (1.0 + x), r"\frac{1}{1 + %s}", "1/(1 + %s)"),
    ),
    _Function(
        *("sqrt", np.sqrt, _ROOT, "√{0}", "result"),
        *(lambda y: 0.5 / y, r"\frac{1}{2\,%s}", "1/(2·%s)"),
    ),
    _Function(
        *("cbrt", np.cbrt, r"\sqrt[3]{%s}", "∛{0}", "result"),
        *(lambda y: 1.0 / (3.0 * y * y), r"\frac{1}{3\,%s^2}", "1/(3·%s²)"),
    ),
    _Function(*("square", np.square, "%s^2", "{0}²", "input", lambda x: 2.0 * x, r"2\,%s", "2·%s")),
    _Function(
        *("reciprocal", np.reciprocal, r"\frac{1}{%s}", "1/{0}", "result"),
        *(lambda y: -(y * y), r"\left(-%s^2\right)", "(−%s²)"),
    ),
    _Function(
        *("np_tanh", np.tanh, r"\tanh %s", "tanh({0})", "result"),
        *(lambda y: 1.0 - y * y, r"\left(1 - %s^2\right)", "(1 − %s²)"),
    ),
    _Function("sin", np.sin, r"\sin %s", "sin({0})", "input", np.cos, r"\cos %s", "cos(%s)"),
    _Function(
        *("cos", np.cos, r"\cos %s", "cos({0})", "input"),
        *(lambda x: -np.sin(x), r"\left(-\sin %s\right)", "(−sin(%s))"),
    ),
    _Function(
        *("tan", np.tan, r"\tan %s", "tan({0})", "result"),
        *(lambda y: 1.0 + y * y, r"\left(1 + %s^2\right)", "(1 + %s²)"),
    ),
    _Function("sinh", np.sinh, r"\sinh %s", "sinh({0})", "input", np.cosh, r"\cosh %s", "cosh(%s)"),
    _Function("cosh", np.cosh, r"\cosh %s", "cosh({0})", "input", np.sinh, r"\sinh %s", "sinh(%s)"),
    _Function(
        *("arcsin", np.arcsin, r"\arcsin %s", "arcsin({0})", "input"),
        *(lambda x: 1.0 / np.sqrt(1.0 - x * x), r"\frac{1}{\sqrt{1 - %s^2}}", "1/√(1 − %s²)"),
    ),
    _Function(
        *("arccos", np.arccos, r"\arccos %s", "arccos({0})", "input"),
        *(lambda x: -1.0 / np.sqrt(1.0 - x * x), r"\frac{-1}{\sqrt{1 - %s^2}}", "−1/√(1 − %s²)"),
    ),
    _Function(
        *("arctan", np.arctan, r"\arctan %s", "arctan({0})", "input"),
        *(lambda x: 1.0 / (1.0 + x * x), r"\frac{1}{1 + %s^2}", "1/(1 + %s²)"),
    ),
    _Function(
        *("arcsinh", np.arcsinh, r"\mathrm{arsinh}\,%s", "arsinh({0})", "input"),
        *(lambda x: 1.0 / np.sqrt(1.0 + x * x), r"\frac{1}{\sqrt{1 + %s^2}}", "1/√(1 + %s²)"),
    ),
    _Function(
        *("arccosh", np.arccosh, r"\mathrm{arcosh}\,%s", "arcosh({0})", "input"),
        *(lambda x: 1.0 / np.sqrt(x * x - 1.0), r"\frac{1}{\sqrt{%s^2 - 1}}", "1/√(%s² − 1)"),
    ),
    _Function(
        *("arctanh", np.arctanh, r"\mathrm{artanh}\,%s", "artanh({0})", "input"),
        *(lambda x: 1.0 / (1.0 - x * x), r"\frac{1}{1 - %s^2}", "1/(1 − %s²)"),
    ),
    _Function(
        *("absolute", np.absolute, r"\left|%s\right|", "|{0}|", "input"),
        *(np.sign, r"\mathrm{sign}\,%s", "sign(%s)"),
    ),
    _Function(
        *("expit", _expit, r"\sigma\left(%s\right)", "1/(1 + exp(−{0}))", "result"),
        *(lambda y: y * (1.0 - y), r"%s\left(1 - %<s\right)", "%s·(1 − %<s)"),
    ),
    _Function(
        *("erf", _erf, r"\mathrm{erf}\left(%s\right)", "erf({0})", "input"),
        *(lambda x: 2.0 / np.sqrt(np.pi) * np.exp(-x * x), r"\frac{2}{\sqrt{\pi}} e^{-%s^2}"),
        "2/√(π)·exp(−%s²)",
    ),
)


def _read(template: str, name: str) -> str:
    return template.replace("%<s", name).replace("%s", name)


def elementwise(
    name: str,
    compute: Callable[..., Any],
    latex: str,
    entry: str,
    *backward: Rule,
    back: bool = False,
    **more: Any,
) -> Operation:
    """Return an operation of broadcast inputs."""
    return of_program(
        name,
        "elementwise_backward" if back else "elementwise",
        *(compute, latex, entry, broadcast(entry)),
        texts.ENTRY_BY_ENTRY_BACKWARD if back else texts.ENTRY_BY_ENTRY,
        *backward,
        stretches=lambda place: place.shape,
        copies=entry_by_entry(compute),
        **more,
    )


def _of_function(f: _Function) -> tuple[Operation, Operation]:
    backward = f"{f.name}_backward"
    corner = (lambda inputs, value, **_: inputs[0] == 0) if f.name == "absolute" else None

    def gradient(g: Any, read: Any) -> Any:
        return g * f.slope(read)

    return (
        elementwise(
            f.name,
            f.compute,
            _read(f.latex, "%0"),
            f.entry,
            Rule(0, backward, ("g", "result" if f.reads == "result" else 0)),
            ties=corner,
            terms=lambda inputs, value: np.abs(value) + (1.0 if "1" in f.name else 0.0),
        ),
        elementwise(
            backward,
            gradient,
            r"%0 \odot " + _read(f.slope_latex, "%1"),
            "{0}·" + _read(f.slope_entry, "{1}"),
            back=True,
            terms=lambda inputs, value: np.abs(value) + np.abs(inputs[0]),
        ),
    )


def _divide_backward(g: Any, result: Any, denominator: Any) -> Any:
    return -g * result / denominator


def _power_backward(g: Any, base: Any, exponent: Any) -> Any:
    """g p xᵖ⁻¹, and 0 for p = 0."""
    lower: Any = np.where(exponent == 0, 1, exponent) - 1
    if np.ndim(exponent) == 0 and not isinstance(exponent, np.ndarray):
        lower = exponent - 1 if exponent != 0 else 0
    return g * (exponent * np.power(base, lower))


def _exponent_backward(g: Any, base: Any, result: Any) -> Any:
    """g xᵖ ln x, and 0 where x is not positive."""
    safe = np.where(base > 0, base, 1.0)
    return g * result * np.log(safe)


def _larger(g: Any, one: Any, other: Any, *, at_tie: float) -> Any:
    return g * np.where(one > other, 1.0, np.where(one == other, at_tie, 0.0))


def _smaller(g: Any, one: Any, other: Any, *, at_tie: float) -> Any:
    return _larger(g, np.negative(one), np.negative(other), at_tie=at_tie)


def _at_tie(place: Place) -> dict[str, Any]:
    """Two moving inputs share the gradient; against a constant the slope at the corner is 0."""
    return {"at_tie": 0.5 if all(place.moving) else 0.0}


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.clip(x, low, high)


def _clip_backward(g: Any, x: Any, low: Any, high: Any) -> Any:
    return g * ((x > low) & (x < high))


def _equal_inputs(inputs: Sequence[Any], value: Any, **_: Any) -> Any:
    return np.equal(*inputs)


def _sum_terms(inputs: Sequence[Any], value: Any, **_: Any) -> Any:
    return np.abs(inputs[0]) + np.abs(inputs[1])


_TIE = r"\left[%1 > %2\right]"
ARITHMETIC = (
    elementwise(
        *("add", np.add, "%0 + %1", "{0} + {1}", Rule(0, "same", ("g",)), Rule(1, "same", ("g",))),
        terms=_sum_terms,
    ),
    elementwise(
        *("subtract", np.subtract, "%0 - %1", "{0} − {1}"),
        *(Rule(0, "same", ("g",)), Rule(1, "negative", ("g",))),
        terms=_sum_terms,
    ),
    elementwise("negative", np.negative, "-%0", "−{0}", Rule(0, "negative", ("g",))),
    elementwise("copy", np.array, "%0", "{0}", Rule(0, "same", ("g",))),
    elementwise(
        *("multiply", np.multiply, r"%0 \odot %1", "{0}·{1}"),
        *(Rule(0, "multiply", ("g", 1)), Rule(1, "multiply", ("g", 0))),
    ),
    elementwise(
        *("divide", np.divide, r"\frac{%0}{%1}", "{0}/{1}"),
        *(Rule(0, "divide", ("g", 1)), Rule(1, "divide_backward", ("g", "result", 1))),
    ),
    elementwise(
        *("divide_backward", _divide_backward, r"-\frac{%0 \odot %1}{%2}", "−{0}·{1}/{2}"),
        back=True,
    ),
    elementwise(
        *("power", np.power, "%0^{%1}", "{0}^{1}"),
        Rule(0, "power_backward", ("g", 0, 1)),
        Rule(1, "exponent_backward", ("g", 0, "result")),
    ),
    elementwise(
        *("power_backward", _power_backward, r"%0 \odot %2\,%1^{%2 - 1}", "{0}·{2}·{1}^({2} − 1)"),
        back=True,
    ),
    elementwise(
        *("exponent_backward", _exponent_backward, r"%0 \odot %2\,\ln %1", "{0}·{2}·ln({1})"),
        back=True,
    ),
    elementwise(
        *("remainder", np.remainder, r"%0 \bmod %1", "{0} mod {1}"),
        *(Rule(0, "same", ("g",)), Rule(1, "remainder_backward", ("g", 0, 1))),
    ),
    elementwise(
        *("remainder_backward", lambda g, x, divisor: -g * np.floor_divide(x, divisor)),
        *(r"-%0\left\lfloor\frac{%1}{%2}\right\rfloor", "−{0}·⌊{1}/{2}⌋"),
        back=True,
    ),
    elementwise(
        *("maximum", np.maximum, r"\max\left(%0, %1\right)", "max({0}, {1})"),
        Rule(0, "maximum_backward", ("g", 0, 1), None, _at_tie),
        Rule(1, "maximum_backward", ("g", 1, 0), None, _at_tie),
        ties=_equal_inputs,
    ),
    elementwise("maximum_backward", _larger, rf"%0 \odot {_TIE}", "{0}·[{1} > {2}]", back=True),
    elementwise(
        *("minimum", np.minimum, r"\min\left(%0, %1\right)", "min({0}, {1})"),
        Rule(0, "minimum_backward", ("g", 0, 1), None, _at_tie),
        Rule(1, "minimum_backward", ("g", 1, 0), None, _at_tie),
        ties=_equal_inputs,
    ),
    elementwise(
        *("minimum_backward", _smaller, rf"%0 \odot {_TIE.replace('>', '<')}", "{0}·[{1} < {2}]"),
        back=True,
    ),
    elementwise(
        *("clip", _clip, r"\mathrm{clip}\left(%0, %1, %2\right)", "max({1}, min({0}, {2}))"),
        Rule(0, "clip_backward", ("g", 0, 1, 2)),
        ties=lambda inputs, value, **_: (inputs[0] == inputs[1]) | (inputs[0] == inputs[2]),
    ),
    elementwise(
        *("clip_backward", _clip_backward, r"%0 \odot \left[%2 < %1 < %3\right]"),
        "{0}·[{2} < {1} < {3}]",
        back=True,
    ),
    elementwise(
        *("where", np.where, r"\left[%0\right] \mathbin{?} %1 : %2", "{1} if {0} else {2}"),
        *(Rule(1, "where_true", ("g", 0)), Rule(2, "where_false", ("g", 0))),
    ),
    elementwise(
        *("where_true", lambda g, condition: np.where(condition, g, 0.0)),
        *(r"%0 \odot \left[%1\right]", "{0} if {1} else 0"),
        back=True,
    ),
    elementwise(
        *("where_false", lambda g, condition: np.where(condition, 0.0, g)),
        *(r"%0 \odot \left[\lnot %1\right]", "0 if {1} else {0}"),
        back=True,
    ),
    elementwise(
        *("logaddexp", np.logaddexp, r"\ln\left(e^{%0} + e^{%1}\right)", "ln(exp({0}) + exp({1}))"),
        Rule(0, "logaddexp_backward", ("g", 0, "result")),
        Rule(1, "logaddexp_backward", ("g", 1, "result")),
    ),
    elementwise(
        *("logaddexp_backward", lambda g, own, result: g * np.exp(own - result)),
        *(r"%0 \odot e^{%1 - %2}", "{0}·exp({1} − {2})"),
        back=True,
    ),
    elementwise(
        *("arctan2", np.arctan2, r"\mathrm{atan2}\left(%0, %1\right)", "atan2({0}, {1})"),
        Rule(0, "arctan2_backward", ("g", 1, 0)),
        Rule(1, "arctan2_minus", ("g", 0, 1)),
    ),
    elementwise(
        *("arctan2_backward", lambda g, other, own: g * other / (own * own + other * other)),
        *(r"%0 \odot \frac{%1}{%1^2 + %2^2}", "{0}·{1}/({1}² + {2}²)"),
        back=True,
    ),
    elementwise(
        *("arctan2_minus", lambda g, other, own: -g * other / (own * own + other * other)),
        *(r"-%0 \odot \frac{%1}{%1^2 + %2^2}", "−{0}·{1}/({1}² + {2}²)"),
        back=True,
    ),
    elementwise(
        *("hypot", np.hypot, r"\sqrt{%0^2 + %1^2}", "√({0}² + {1}²)"),
        Rule(0, "hypot_backward", ("g", 0, "result")),
        Rule(1, "hypot_backward", ("g", 1, "result")),
    ),
    elementwise(
        *("hypot_backward", lambda g, own, result: g * own / result),
        *(r"%0 \odot \frac{%1}{%2}", "{0}·{1}/{2}"),
        back=True,
    ),
    *(each for f in FUNCTIONS for each in _of_function(f)),
)
