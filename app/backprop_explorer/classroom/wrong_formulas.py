"""Wrong variants of a line's formula, as options of a question about it.

Each variant is a mistake that students make: a transposition left out, factors in the other order,
∂C/∂a for ∂C/∂z, the function for its derivative, another sign, a term left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from backprop_explorer.texts import classroom as texts

MOST_VARIANTS = 3
_DA = r"\frac{\partial C}{\partial a"
_DZ = r"\frac{\partial C}{\partial z"
_TRANSPOSED = re.compile(r"\{([^{}]+\^\{\(\d+\)\}|x)\}\^T")
_LAYER = re.compile(r"\^\{\((\d+)\)\}")
_FUNCTION = re.compile(r"(\\sigma|\\tanh|\\mathrm\{[A-Za-z]+\})(?='?\\left)")
# 1/n_out or 2/(N n_out), in front of brackets.
_COEFFICIENT = re.compile(r"^\\frac\{\d\}\{.*?\}\\,(?=\\left\()")
_PRODUCT = re.compile(r"^(.+?)\\,(.+?)(?= [+-] |$)")


def _without_transpose(right: str) -> str:
    if r"\right)^T" in right:
        right = right.replace(r"\left(\frac", r"\frac").replace(r"\right)^T", "")
    return _TRANSPOSED.sub(r"\1", right)


def _swapped(right: str) -> str:
    """Exchange the two factors of a product."""
    product = _PRODUCT.match(right)
    if product is None or r"\sum" in right or r"\eta" in right or _COEFFICIENT.match(right):
        return right
    return rf"{product[2]}\,{product[1]}{right[product.end() :]}"


def _other_gradient(right: str) -> str:
    if _DZ in right:
        return right.replace(_DZ, _DA)
    return right.replace(_DA, _DZ)


def _function_for_slope(right: str) -> str:
    if "'" in right:
        return right.replace("'", "")
    return _FUNCTION.sub(r"\1'", right)


def _other_sign(right: str) -> str:
    if r" - \eta" in right:
        return right.replace(r" - \eta", r" + \eta")
    turned = re.sub(
        r"\\left\((\w[^()]*?(?:\(\d+\)\})?) - y\\right\)", r"\\left(y - \1\\right)", right
    )
    return turned if turned != right else right.replace(r"\odot", "+")


# The mistakes, the likely ones first: each changes the right side of a formula, if it can.
_MISTAKES: tuple[tuple[Callable[[str], str], str], ...] = (
    (_without_transpose, texts.WITHOUT_TRANSPOSE),
    (_function_for_slope, texts.FUNCTION_FOR_SLOPE),
    (lambda right: right.partition(r" \odot ")[0], texts.WITHOUT_SLOPE),
    (_other_gradient, texts.OTHER_GRADIENT),
    (_other_sign, texts.OTHER_SIGN),
    (_swapped, texts.SWAPPED),
    (lambda right: re.sub(r" \+ b\^\{\(\d+\)\}", "", right), texts.WITHOUT_BIAS),
    (lambda right: re.sub(r"^\\sum_n ", r"\\frac{1}{N}\\sum_n ", right), texts.MEAN_FOR_SUM),
    (lambda right: _COEFFICIENT.sub("", right), texts.WITHOUT_FACTOR),
    # The first matrix that is not transposed.
    (
        lambda right: re.sub(r"(?<!\{)(W\^\{\(\d+\)\})(?!\}\^T)", r"{\1}^T", right, count=1),
        texts.TRANSPOSED,
    ),
    # The first variable.
    (
        lambda right: _LAYER.sub(lambda found: f"^{{({int(found[1]) + 1})}}", right, count=1),
        texts.OTHER_LAYER,
    ),
)


def wrong_formulas(formula: str) -> dict[str, str]:
    """Return up to MOST_VARIANTS wrong variants of a formula "left = right", the likely ones first.

    Each with a sentence that says what is wrong.
    """
    left, equals, right = formula.partition(" = ")
    variants: dict[str, str] = {}
    for mistake, why in _MISTAKES:
        changed = mistake(right)
        if changed not in (right, "") and len(variants) < MOST_VARIANTS:
            variants.setdefault(f"{left}{equals}{changed}", why)
    return variants
