"""A recorded run as a list of steps: what each operation read, gave, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array

# Operations that hand on their input, or a part of it, in another form.
VIEWS = frozenset({"transpose", "reshape", "getitem", "copy", "astype", "stretch", "strided"})
COPIES = frozenset({"copy", "astype"})


class SourceFrame(NamedTuple):
    """One call on the stack of a step. ``call`` numbers the calls, ``place`` the instructions."""

    file: str
    line: int
    function: str
    call: int
    place: int


@dataclass(eq=False, slots=True)
class Step:
    """One operation, or with ``op`` "" a value that the run starts from.

    ``path`` is the way to a source from the call ("x", "params['W1']"); None for constants. The
    innermost frame is the first.
    """

    index: int
    op: str
    inputs: tuple[int, ...]
    keywords: Mapping[str, Any]
    value: Array
    frames: tuple[SourceFrame, ...] = ()
    path: str | None = None
    name: str = ""  # the variable that it was assigned to
    text: str = ""  # the source of the expression
    returned: bool = False  # it is the whole value of a return
    # Of a source of a later round, the source of the whole run that it is a version of.
    origin: int | None = None

    @property
    def site(self) -> tuple[Any, ...]:
        """The place in the source, the same in each round of a loop."""
        return (self.op, *((f.file, f.function, f.line, f.place) for f in self.frames))

    @property
    def place(self) -> tuple[Any, ...]:
        """The place in the source, the same in each call of a function."""
        return self.site[:2]

    @property
    def line(self) -> tuple[str, int] | None:
        """File and line of the innermost frame."""
        return self.frames[0][:2] if self.frames else None


@dataclass(frozen=True, slots=True)
class Returned:
    """An array that the run returned or left behind: where it is, and the step that made it.

    ``name`` is what the function calls a part of the tuple that it returns.
    """

    path: str
    index: int
    name: str = ""


@dataclass(eq=False)
class Run:
    """The steps of one run, and what it left behind.

    ``after`` has the step that stands at the end in the place of a source. ``state`` are arrays
    that the run left in objects and containers. ``start`` is the first step of the backward
    function of a pair, else 0. ``written`` are arguments that the run wrote into, with the line.
    """

    steps: list[Step]
    returned: list[Returned] = field(default_factory=list)
    state: list[Returned] = field(default_factory=list)
    after: dict[int, int] = field(default_factory=dict)
    start: int = 0
    written: dict[str, tuple[str, int]] = field(default_factory=dict)
    raised: BaseException | None = None
    raised_at: tuple[str, int] | None = None
    limit: str | None = None
    failed: tuple[str, tuple[int, ...]] | None = None  # the operation that raised, and its inputs
    printed: str = ""
    plain: list[Returned] = field(default_factory=list)  # returned, but not computed in the run
    is_own: bool = True  # a function of the student's own source ran
    automatic: bool = False  # autograd differentiates the cost
    starts_from_numbers: bool = False  # those that the program writes down
    # What a random generator gives, and the numbers that its line makes of it alone.
    drawn: Set[int] = frozenset()
    lost: Sequence[str] = ()  # where values left the recording
    # Constants that functions which are not recorded make of arrays that are, and why.
    unknown: Mapping[int, str] = field(default_factory=dict)
    # Calls that returned a step's value and did not make it, after how many steps.
    passed: dict[int, list[tuple[int, SourceFrame]]] = field(default_factory=dict)
    whole: Run | None = None  # of which this one is a round
    # The run that this one is a later part of, its first step there, and the steps of both.
    part_of: tuple[Run, int, Mapping[int, int]] | None = None
    program: Any = None  # the ProgramCall that was run
    end: Step | None = None  # the next one, where the run was cut
    # What stands in each place of an object or container in the end, returned or not.
    places_at_end: Mapping[str, int] = field(default_factory=dict)
    # Sources that the run makes of constants, with their first update.
    created: dict[int, int] = field(default_factory=dict)
    # Those of them that are made of arrays which the first round reads one by one.
    joined: Collection[int] = ()
    # Constants that nothing reads but what such a source was made of.
    spent: Collection[int] = ()
    # Whether equal largest entries share a gradient, as in autograd; else the first one has it.
    shares_ties: bool = False
    # What stands in the place of a parameter in the next round, but is no sum with it.
    replaced: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep how many steps were recorded: more are added."""
        self.recorded = len(self.steps)
        self.versions: tuple[Any, dict[int, int]] | None = None  # what they are kept for, and they
        self._writers: dict[int, Array] = {}

    @cached_property
    def sources(self) -> list[int]:
        """The steps that the run starts from and that have a path, with numbers of any kind."""
        return [each.index for each in self.steps if not each.op and each.path is not None]

    @cached_property
    def depends(self) -> list[int]:
        """The sources that each step depends on, as bits by their position in ``sources``."""
        bits = {index: 1 << at for at, index in enumerate(self.sources)}
        found: list[int] = []
        for step in self.steps:
            mask = bits.get(step.index, 0)
            for each in step.inputs:
                mask |= found[each]
            found.append(mask)
        return found

    @cached_property
    def moves(self) -> list[bool]:
        """Whether each step changes continuously with a float source."""
        found: list[bool] = []
        for step in self.steps:
            is_float = step.value.dtype.kind == "f"
            if step.op:
                found.append(is_float and any(found[each] for each in step.inputs))
            else:
                found.append(is_float and step.path is not None)
        return found

    @cached_property
    def readers(self) -> list[list[int]]:
        """The steps that read each step."""
        found: list[list[int]] = [[] for _ in self.steps]
        for step in self.steps:
            for each in dict.fromkeys(step.inputs):
                found[each].append(step.index)
        return found

    @cached_property
    def sites(self) -> dict[tuple[Any, ...], list[int]]:
        """The steps of each place in the source, in order."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for step in self.steps:
            if step.op:
                found.setdefault(step.site, []).append(step.index)
        return found

    @cached_property
    def places(self) -> dict[tuple[Any, ...], list[int]]:
        """The steps of each place in the source in all calls of its function, in order."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for step in self.steps:
            if step.op:
                found.setdefault(step.place, []).append(step.index)
        return found

    @cached_property
    def single_precision(self) -> bool:
        """Whether the run computes with float32."""
        return any(each.value.dtype in (np.float32, np.float16) for each in self.steps)

    def writers(self, at: int) -> Array:
        """Return the write that each entry of an array was written by last, as a step; that of the
        array before all writes where there is none.
        """
        known, chain = self._writers, list[int]()
        while at not in known and self.steps[at].op == "setitem":
            chain.append(at)
            at = self.steps[at].inputs[0]
        found = known.get(at)
        found = np.full(self.steps[at].value.shape, float(at)) if found is None else found
        for each in reversed(chain):
            step = self.steps[each]
            indices = [self.steps[k].value for k in step.inputs[2:]]
            known[each] = found = self.compute(step, [found, float(each), *indices])
        return found

    def whole_of(self, at: int) -> int:
        """Return the step that a view shows a part of, or the step itself if it is no view."""
        while self.steps[at].op in VIEWS:
            at = self.steps[at].inputs[0]
        return at

    def readers_through(self, at: int, ops: Collection[str]) -> Iterator[int]:
        """Yield the steps that read a value, or what operations such as copies make of it."""
        waiting = [at]
        while waiting:
            for each in self.readers[waiting.pop()]:
                if self.steps[each].op in ops:
                    waiting.append(each)
                else:
                    yield each

    def ancestors(self, of: Iterable[int]) -> frozenset[int]:
        """Return the steps that ``of`` are computed from, and ``of``."""
        found, waiting = set(of), list(of)
        while waiting:
            for each in self.steps[waiting.pop()].inputs:
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return frozenset(found)

    def made_of(self, some: frozenset[int]) -> list[bool]:
        """Return whether each step is one of ``some`` or computed from one."""
        if some not in self._made_of:
            found = self._made_of[some] = list[bool]()
            for step in self.steps:
                found.append(step.index in some or any(found[each] for each in step.inputs))
        return self._made_of[some]

    @cached_property
    def _made_of(self) -> dict[frozenset[int], list[bool]]:
        return {}

    def forget(self) -> None:
        """Compute what is known of the steps again: some of them have changed."""
        self.versions = None
        for name in ("sources", "depends", "moves", "readers", "sites", "places", "_made_of"):
            self.__dict__.pop(name, None)

    def until(self, end: int, after: Mapping[int, int]) -> Run:
        """Return the run as if it had ended before step ``end``."""
        state = [each for each in self.state if each.index < end]
        run = Run(self.steps[:end], [], state, dict(after), self.start, self.written)
        run.created = {each: first for each, first in self.created.items() if first < end}
        run.replaced = {each: new for each, new in self.replaced.items() if new < end}
        run.spent = self.spent
        run.passed, run.unknown, run.whole = self.passed, self.unknown, self
        run.program = self.program
        run.end = self.steps[end] if end < self.recorded else self.end
        return run

    def in_each_round(self, new: int) -> list[int]:
        """Return what stands in the place of a parameter in each round, by its first replacement;
        one line replaces those of several layers one after the other.
        """
        places = self.sites[self.steps[new].site]
        layers = sorted(places.index(at) for at in self.replaced.values() if at in places)
        return places[places.index(new) :: max(1, len(layers))]

    def since(self, begin: int, versions: Mapping[int, int]) -> Run:
        """Return the run from step ``begin`` on; what was computed before is given.

        ``versions`` has the source of each of its values after an update.
        """
        steps, known = list[Step](), dict[int, int]()
        current = {source: at for at, source in sorted(versions.items()) if at < begin}

        def given(at: int) -> int:
            if at not in known:
                step, source = self.steps[at], versions.get(at, at)
                constant = step.path is None and not self.depends[at]
                path = None if constant else self.steps[source].path or step.name or "value"
                known[at] = len(steps)
                new = replace(step, index=len(steps), op="", inputs=(), path=path)
                new.origin = self.origin_of(source)
                steps.append(new)
            return known[at]

        before = {each for step in self.steps[begin:] for each in step.inputs if each < begin}
        for at in sorted({*before, *current.values()}):
            given(at)
        for step in self.steps[begin:]:
            known[step.index] = len(steps)
            inputs = tuple(map(known.__getitem__, step.inputs))
            steps.append(replace(step, index=len(steps), inputs=inputs))
            steps[-1].origin = self.origin_of(step.index)
        run = Run(steps, part_of=(self, begin, known))
        run.program, run.end = self.program, self.end
        for source, after in self.after.items():
            at = current.get(source, source)
            if at in known and after in known and known[at] in run.sources:
                run.after[known[at]] = known[after]
        for base, new in self.replaced.items():
            at = current.get(base, base)
            again = [each for each in self.in_each_round(new) if each >= begin]
            if again and at in known and known[at] in run.sources:
                run.replaced[known[at]] = known[again[0]]
        run.returned, run.state = (
            [replace(each, index=known[each.index]) for each in some if each.index >= begin]
            for some in (self.returned, self.state)
        )
        return run

    def origin_of(self, source: int) -> int:
        """Return which source of the whole run a source is a version of."""
        origin = self.steps[source].origin
        return source if origin is None else origin

    @property
    def is_later(self) -> bool:
        """Whether it is a later round of a loop, so that it begins with parameters of its own."""
        return self.part_of is not None or (self.whole is not None and self.whole.is_later)

    def step_of(self, record: int) -> int | None:
        """Return which step a record of the program is, None if it is before this part."""
        if self.part_of is not None:
            run, _, known = self.part_of
            at = run.step_of(record)
            return None if at is None else known.get(at)
        return record if self.whole is None else self.whole.step_of(record)

    def next_of(self, records: int) -> int:
        """Return the step that follows a number of records, -1 before this part begins."""
        if self.part_of is not None:
            run, begin, known = self.part_of
            at = run.next_of(records)
            return -1 if at < begin else known[begin] + at - begin
        return records if self.whole is None else self.whole.next_of(records)

    def unknown_behind(self, of: Iterable[int]) -> str | None:
        """Return why the gradient of some steps may be unknown, None if it is not."""
        behind = self.ancestors(list(of)) if self.unknown else frozenset[int]()
        return next((why for at, why in self.unknown.items() if at in behind), None)

    def compute(self, step: Step, inputs: Sequence[Any]) -> Array:
        """Compute a step from other inputs."""
        return np.asarray(OPS[step.op].compute(*inputs, **step.keywords))

    def replayed(
        self,
        changes: Mapping[int, Change],
        needed: Sequence[int] | None = None,
        is_right: Callable[[int, Mapping[int, Array]], bool] | None = None,
    ) -> dict[int, Array] | None:
        """Return the values that differ when some steps are computed in another way.

        None if a step cannot be computed from what it then reads, or is not right by the values
        that differ so far. Other steps whose entry in ``needed`` is 0 are left out.
        """
        values: dict[int, Array] = {}
        waiting = list(changes)
        heapify(waiting)
        with np.errstate(all="ignore"):
            while waiting:
                at = heappop(waiting)
                step, change = self.steps[at], changes.get(at)
                unneeded = change is None and needed is not None and not needed[at]
                if at in values or unneeded:
                    continue
                inputs = [values.get(each, self.steps[each].value) for each in step.inputs]
                try:
                    if change is None:
                        values[at] = self.compute(step, inputs)
                    else:
                        values[at] = np.asarray(change(step, inputs, values))
                except (ValueError, TypeError, IndexError, KeyError, ZeroDivisionError):
                    return None
                if is_right is not None and not is_right(at, values):
                    return None
                for each in self.readers[at]:
                    heappush(waiting, each)
        return values


# Another way to compute a step: from the step, its inputs and the values that differ so far.
Change = Callable[[Step, Sequence[Array], Mapping[int, Array]], Any]


def last_name(path: str) -> str:
    """Return the last name of a path: "W1" of "params['W1']"."""
    return path.replace("'", "").rstrip("]").replace("[", ".").split(".")[-1]


def owner_of(path: str | None) -> str:
    """Return the object or container of a source: "net" of "net.W"; "" of a variable."""
    return (path or "").replace("[", ".").rpartition(".")[0]


def groups_of(items: Iterable[tuple[str, int]]) -> list[list[int]]:
    """Return the steps of numbers that stand in one list, or in lists of one list, in order.

    ``items`` are paths such as "W[0][1]" and steps.
    """
    found: dict[str, list[int]] = {}
    for path, index in items:
        while path.endswith("]"):
            path, _, key = path.rpartition("[")
            if not key.rstrip("]").isdigit():
                break
            found.setdefault(path, []).append(index)
    return [group for group in found.values() if len(group) > 1]
