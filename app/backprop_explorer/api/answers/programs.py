"""Schemas of programs and of graphs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, Formula, Name, Number, absent
from backprop_explorer.api.answers.catalog import CatalogParameter, Entry
from backprop_explorer.api.answers.traces import LeftOut, Shape, Value, Verification
from backprop_explorer.compute.program_check_requests import ProgramCheckRequest

__all__ = ["ProgramCheckRequest"]  # sent and answered in one form


class ProgramEntry(Entry):
    """A ready program."""

    topic: Literal["layers", "sequences", "costs"]
    tag: str = Field(description="Its idea in a word, such as fan-out")
    text: str = Field(description="Two sentences that follow the description")
    shapes: str = Field(description="Its usual sizes in words")
    picture: list[list[str]] = Field(description="Ids of arrays that its picture has, by column")
    wrt: list[str] = Field(description="The arguments whose gradients are computed")
    sizes: list[CatalogParameter] = Field(description="What `sizes` of its trace may change")


class ProgramsAnswer(Answer):
    """The ready programs in the order of the gallery."""

    programs: list[ProgramEntry]


class ProgramSourceLine(Answer):
    """One line of a program's text."""

    file: str
    number: int = Field(description="In its file, from 1")
    text: str


class ProgramSource(Answer):
    """The text of the functions that ran; no lines if the recording came without."""

    name: str
    title: str
    lines: list[ProgramSourceLine]


class LargeEntry(Answer):
    """An entry of a value that is left out."""

    index: list[int]
    value: Number


class _ProgramValue(Answer):
    """A value of a program."""

    id: str = Field(description="The program's own variable, such as x, self.W1 or h[t=2]")
    symbol: Formula = absent("Left out with formulas=none")
    label: str = Field(description="Its name in Unicode")
    spoken: str = Field(description="Its name as a screen reader says it")
    about: str = Field(description="What it is, in a sentence")
    axes: list[str] = Field(description="The names of its axes")
    file: str | None = Field(description="Where it is computed; null for what has no place")
    line: int | None = Field(description="Number in the file, from 1")
    span: list[int] | None = Field(
        description="Line, end line, first column, column after the last; columns in bytes"
    )
    run: dict[str, int | str] = Field(description="Values of the loop variables around the place")
    show: Literal["numbers", "picture", "image", "bars"] = absent(
        "How it is drawn; absent if that follows from its size"
    )
    shape: Shape
    value: Value
    left_out: LeftOut = absent("true if the value has more numbers than `entries` allows")
    largest: list[LargeEntry] = absent("The largest entries of a value that is left out")
    finite: Literal[False] = absent("false if the value holds inf or NaN, which are null here")


class ProgramGiven(_ProgramValue):
    """An argument or constant of the program."""

    parameter: bool = Field(description="Whether its gradient is computed")
    argument: bool = Field(description="Whether it is an array of the arguments that is read")


class ReadPlace(Answer):
    """Where a value is read."""

    line: int
    span: list[int] | None = Field(description="As in a line")


class GradientPart(Answer):
    """Which part of a gradient a line is."""

    of: str = Field(description="Id of the whole gradient")
    through: str = Field(description="Id of the value that reads")
    read: ReadPlace | None = Field(description="Where it reads; null if that has no place")


class IndexedAxis(Answer):
    """The whole numbers by which one axis is read or written."""

    axis: int = Field(description="Of input 0")
    numbers: int | list[Any] = Field(
        description="From 0, in nested lists of the index's shape; -1 for an entry filled in"
    )


class IndexOfLine(Answer):
    """Which entries a line reads or writes by whole numbers."""

    axes: list[IndexedAxis] = absent("Absent if there are more than 256 numbers")
    repeats: int = Field(description="How often an entry is read again; its gradients are summed")


class Picks(Answer):
    """Which entries a maximum, minimum or choice takes."""

    entries: list[list[int]] = absent(
        "Of max, argmax: the index into input 0 of what is taken for each entry of the value,"
        " row by row; of equal ones the first. Absent for more than 256"
    )
    inputs: int | list[Any] | None = absent(
        "Of maximum and where: the position of the input that each entry is taken from, in nested"
        " lists; null at a tie. Absent for more than 256"
    )
    ties: int = Field(
        description="Entries of the value for which equal entries were to choose from"
    )


class WindowRead(Answer):
    """The window that a convolution or pooling reads; fields that are not known are absent."""

    of: str = Field(description="Id of the array that is read")
    axes: list[int] = Field(description="The axes of that array along which the window moves")
    row: str = absent("Index along the first of two axes, such as 2·i + m")
    column: str = absent("Index along the last axis")
    rows: list[int] = absent("Begin and end in this run of a loop")
    columns: list[int] = absent("Begin and end in this run of a loop")
    stride: int = absent("If it is the same along both axes")
    pad: int = absent("If it is the same on all sides")


class OtherFormula(Answer):
    """Another formula with the same numbers, which was checked."""

    label: str = Field(description="Such as one formula")
    formula: Formula = absent("Left out with formulas=none")
    signature: str = Field(description="As of a line, of these inputs")
    entry: str = Field(description="As of a line")
    inputs: list[str] = Field(description="Ids of the lines and givens that it reads")


class ProgramStep(_ProgramValue):
    """One line of a program's working: an operation, its formula and its value."""

    phase: Literal["forward", "cost", "backward"]
    op: Name = Field(description="Name of the operation in the catalog")
    of: str | None = Field(description="Id of the forward line whose gradient it is")
    inputs: list[str] = Field(description="Ids of the lines and givens that the operation reads")
    formula: Formula = absent("Left out with formulas=none")
    text: str = Field(description="The operation in a sentence")
    signature: str = Field(
        description="Axes of inputs and value; 1 is an axis along which an input is repeated"
    )
    axes_of: dict[str, str] = Field(description="Names of the axes by their letter in signature")
    entry: str = Field(description="How one entry is computed; {0} is the entry of input 0")
    group: str | None = Field(
        description="Id of the innermost group; of a gradient, that of its value"
    )
    part: GradientPart = absent("Absent unless it is a part of a gradient")
    sum_of: list[str] = absent("Ids of the parts that it adds; absent for other lines")
    stretched: list[list[int]] = absent(
        "For each input the axes of this value along which it is repeated by broadcasting"
    )
    index: IndexOfLine = absent("Absent unless it reads or writes by arrays of whole numbers")
    picks: Picks = absent("Absent unless it takes some entries and not others")
    mask: list[Any] = absent(
        "Nested lists of the shape, 1 where a constant takes an entry out: a factor 0, or a score"
        " of -1e9; absent if none is"
    )
    reads: WindowRead = absent("Absent unless it reads a window that moves")
    sources: list[list[int | list[int]] | None] = absent(
        "For each input the flat position of what each entry of the value reads, row by row: -1 for"
        " none, a list for several; null where signature or index says it. Absent for lines whose"
        " signature says it for all, and for more than 256 entries"
    )
    also: list[OtherFormula] = absent("Absent if there is none")


class ProgramGroup(Answer):
    """Lines that are drawn as one: a source line, a loop, a call, or a pattern such as softmax."""

    id: str
    label: str
    kind: Literal["line", "loop", "pattern", "call"]
    axis: str | None = Field(description="The variable of a loop")
    count: int = Field(description="Runs of a loop; 1 for others")
    within: str | None = Field(description="Id of the group around it")
    folded: bool = Field(description="Whether it is drawn as one at first")
    formula: Formula = absent("Of a pattern such as softmax; left out with formulas=none")
    members: list[str] = Field(description="Ids of its forward lines")
    inputs: list[str] = Field(description="Ids that it reads from outside")
    output: str = Field(description="Id of the last value that is read outside")


class ProgramTrace(Answer):
    """Every line of a program, forward and backward."""

    source: ProgramSource
    cost: Number
    cost_line: str = Field(description="Id of the line that is the cost")
    wrt: list[str] = Field(description="Ids of the givens whose gradients were asked for")
    notes: list[str] = Field(description="What the reader should know, in sentences")
    groups: list[ProgramGroup] = Field(description="Outer ones first")
    givens: list[ProgramGiven]
    lines: list[ProgramStep] = Field(description="In the order of the working")
    verification: Verification | None = Field(
        description="null if it was not asked for, or if the arrays are too large"
    )


class ReadyProgramTrace(ProgramTrace):
    """Every line of a ready program."""

    seed: int
    sizes: dict[str, int]


class GraphKept(Answer):
    """A recorded program that was stored."""

    id: str
    cost: float
    lines: int = Field(description="Lines of its working, forward and backward")


class ProgramCheckKept(Answer):
    """A check of a program that was stored."""

    id: str
