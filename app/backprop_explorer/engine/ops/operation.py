"""The class of the entries of OPS: all that is known of one operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.texts import engine as texts

Array = NDArray[np.float64]
Family = Literal[
    "affine",
    "activation",
    "cost",
    "penalty",
    "cost_gradient",
    "activation_backward",
    "weight_gradient",
    "bias_gradient",
    "input_gradient",
    "jacobian",
    "schedule",
    "update",
    "sum",
    "elementwise",
    "reduction",
    "product",
    "shape",
    "index",
    "discrete",
    "elementwise_backward",
    "reduction_backward",
    "product_backward",
    "index_backward",
]
# Constants of a node by name: numbers, strings, None, and tuples of these.
Attributes = tuple[tuple[str, Any], ...]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of another operation on input ``input``: softmax(z) for the gradient by z."""

    op: str
    input: int


EACH = -1
# What a backward rule reads: an input by its position, the gradient of the result ("g"), the
# result itself ("result"), all inputs but the one ("others"), all from a position on
# (slice(2, None)), or another operation applied to an input.
Operand = int | Literal["g", "result", "others"] | slice | Applied


class Place(NamedTuple):
    """Where a rule is applied: a node's attributes, the shapes, and which inputs move.

    ``input`` is the position of the input whose gradient is computed.
    """

    attributes: dict[str, Any]
    shapes: tuple[Shape, ...]
    shape: Shape
    input: int
    moving: tuple[bool, ...]

    @property
    def own(self) -> Shape:
        """The shape of the input whose gradient is computed."""
        return self.shapes[self.input]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which operation computes the gradient of an input, and from what.

    ``input`` is its position, or EACH for every input. A rule without the operand "g" gives the
    derivative of the result itself. ``hint`` is a value that the operation would otherwise compute
    again; it does not change the result. ``attributes`` returns those of the gradient's node.
    """

    input: int
    op: str
    operands: tuple[Operand, ...]
    hint: Operand | None = None
    attributes: Callable[[Place], dict[str, Any]] | None = None


def corners(compute: Callable[[Any], Any], value: Any, spread: Any) -> Any:
    """Return the larger change of an elementwise function at ``value`` ± ``spread``."""
    middle = compute(value)
    # If one of the two is outside the domain of the function, fmax takes the other one.
    return np.fmax(
        np.abs(compute(value + spread) - middle), np.abs(compute(value - spread) - middle)
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """How one kind of line is computed, differentiated, displayed, and how far it is rounded.

    ``compute`` is a function of the inputs' values. Operations that training uses also take
    ``out``. ``backward`` has a rule for each input with a gradient, in the order of the working,
    ``jacobians`` the rules of the derivative by each input. ``formula`` returns the right-hand side
    in LaTeX from the names of the inputs and the notation. In ``signature``, ``*`` stands for the
    axes of the line's value, and a trailing ``…`` repeats the last part for any number of inputs.
    ``text`` is a sentence for the user.

    ``terms(inputs, value)`` is the size of what is added up, entry by entry: rounding errors are
    in proportion to it; None for that of the value. ``spread(inputs, spreads)`` is how far the
    value moves when each input moves by its spread; None for an operation that is elementwise, or a
    sum of its inputs with weights that are not negative.

    An operation of a recorded program has attributes: ``compute``, ``formula``, ``terms``,
    ``spread``, ``written`` and ``ties`` take them as keyword arguments. ``written(shapes, shape)``
    returns signature and entry for inputs of these shapes. ``stretches`` returns the shape of an
    input's gradient before the sum over axes along which the input was repeated. ``ties(inputs,
    value)`` says whether an input is at a corner, where several slopes are right. ``copies``
    computes many values at once, see ``of_copies``; None if one after the other.
    """

    name: str
    family: Family
    title: str
    compute: Callable[..., Any]
    formula: Callable[..., str]
    signature: str
    entry: str
    text: str
    backward: tuple[Rule, ...] = ()
    jacobians: tuple[Rule, ...] = ()
    terms: Callable[..., Any] | None = None
    spread: Callable[..., Any] | None = None
    written: Callable[..., tuple[str, str]] | None = None
    stretches: Callable[[Place], Shape] | None = None
    ties: Callable[..., Any] | None = None
    copies: Callable[..., Any] | None = None

    def of_copies(self, inputs: Sequence[Array], attributes: Attributes = ()) -> Array:
        """Return P values (P, …) from P copies of the inputs.

        The first axis of each input counts copies: its length is P, or 1 where all are equal.
        """
        keywords = dict(attributes)
        if self.copies is not None:
            return np.asarray(self.copies(*inputs, **keywords))
        return one_by_one(self.compute, inputs, **keywords)

    def rounding(
        self, inputs: Sequence[Any], value: Any, unit: float, attributes: Attributes = ()
    ) -> Any:
        """Return the rounding error of the operation itself: ``unit`` times the size of terms."""
        terms = self.terms
        size = np.abs(value) if terms is None else terms(inputs, value, **dict(attributes))
        return np.where(np.isfinite(size), unit * size, 0.0)

    def propagated(
        self, inputs: Sequence[Any], spreads: Sequence[Any], attributes: Attributes = ()
    ) -> Any:
        """Return the spread of the value, None if it is exact.

        ``spreads`` bound the absolute error of each input entry by entry, None for an exact input.
        """
        if all(spread is None for spread in spreads):
            return None
        filled = [
            np.zeros(np.shape(value)) if spread is None else spread
            for value, spread in zip(inputs, spreads, strict=True)
        ]
        try:
            result = (self.spread or self._elementwise)(inputs, filled, **dict(attributes))
        except ValueError:
            # An input has a wrong shape, so the line has no value.
            return None
        return np.where(np.isfinite(result), result, np.inf)

    def _elementwise(self, inputs: Sequence[Any], spreads: Sequence[Any], **attributes: Any) -> Any:
        """The sum of the changes by each input."""
        total: Any = 0.0
        for at, spread in enumerate(spreads):
            # Whole numbers and truth values are exact, such as an index.
            if not np.any(spread) or np.asarray(inputs[at]).dtype.kind in "biu":
                continue

            def compute(value: Any, at: int = at) -> Any:
                return self.compute(*inputs[:at], value, *inputs[at + 1 :], **attributes)

            total = total + corners(compute, inputs[at], spread)
        return total


def same_rank(inputs: Sequence[Array]) -> list[Array]:
    """Return copies that can be broadcast: axes of length 1 come after the first axis."""
    rank = max(x.ndim for x in inputs)
    return [x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in inputs]


def one_by_one(compute: Callable[..., Any], inputs: Sequence[Array], **attributes: Any) -> Array:
    """Compute the value of one copy of the inputs after the other."""
    count = max(map(len, inputs))
    each = [np.broadcast_to(x, (count, *x.shape[1:])) for x in inputs]
    return np.array([compute(*values, **attributes) for values in zip(*each, strict=True)])


def entry_by_entry(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``copies`` of an elementwise function of broadcast inputs."""
    return lambda *inputs, **attributes: compute(*same_rank(inputs), **attributes)


def grouped(latex: str) -> str:
    """Group ``latex`` so that an exponent or index can follow; a fraction gets brackets."""
    return rf"\left({latex}\right)" if latex.startswith(r"\frac") else f"{{{latex}}}"


def filled(latex: str) -> Callable[..., str]:
    """Return the formula ``latex`` with the names of the inputs for ``%0``, ``%1``, …"""

    def formula(inputs: tuple[Any, ...], notation: Any, **_: Any) -> str:
        text = latex
        for k, each in enumerate(inputs):
            text = text.replace(f"%{k}", grouped(each.latex))
        return text

    return formula


# Letters of the axes of arrays of any rank. "n" is a sample in ``notation``.
LETTERS = "ijklmpqrstuvw"


def letters(shape: Shape) -> str:
    """Return the letters of the axes of an array; those of more than 13 axes have none."""
    return LETTERS[: len(shape)]


def aligned(shapes: Sequence[Shape], shape: Shape) -> str:
    """Return the signature of a broadcast: ``1`` is an axis along which an input is repeated."""
    whole = letters(shape)
    parts = [
        "".join(
            letter if size == length else "1"
            for letter, size, length in zip(
                whole[len(whole) - len(side) :], side, shape[len(shape) - len(side) :], strict=False
            )
        )
        for side in shapes
    ]
    return f"{','.join(parts)}->{whole}"


def broadcast(entry: str) -> Callable[..., tuple[str, str]]:
    """Return ``written`` of an operation of broadcast inputs."""

    def written(shapes: Sequence[Shape], shape: Shape, /, **_: Any) -> tuple[str, str]:
        return aligned(shapes, shape), entry

    return written


def by_order(entry: str) -> Callable[..., tuple[str, str]]:
    """Return ``written`` of an operation whose entries move: letters only count the axes."""

    def written(shapes: Sequence[Shape], shape: Shape, /, **_: Any) -> tuple[str, str]:
        return ",".join(map(letters, shapes)) + f"->{letters(shape)}", entry

    return written


def of_program(
    name: str,
    family: Any,
    compute: Callable[..., Any],
    latex: str | Callable[..., str],
    entry: str,
    written: Callable[..., tuple[str, str]],
    text: str,
    *backward: Rule,
    inputs: str = "",
    **more: Any,
) -> Operation:
    """Return an operation of recorded programs.

    ``latex`` is the formula, or has ``%0``, ``%1`` for its inputs; ``inputs`` is the left part of
    the signature, by default as many as ``latex`` and ``entry`` name.
    """
    count = max(
        (k + 1 for k in range(4) if f"{{{k}}}" in entry or f"%{k}" in str(latex)), default=1
    )
    back = str(family).endswith("_backward")
    return Operation(
        name=name,
        family=family,
        title=texts.gradient_of_function(name) if back else texts.function(name),
        compute=compute,
        formula=filled(latex) if isinstance(latex, str) else latex,
        signature=f"{inputs or ','.join('*' * count)}->*",
        entry=entry,
        text=text,
        backward=backward,
        written=written,
        **more,
    )
