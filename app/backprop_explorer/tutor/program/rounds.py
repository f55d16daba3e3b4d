"""Parameters and their updates: those made in the run, and the first round of a training loop."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.aliases import words_of
from backprop_explorer.tutor.program.listed_parameters import join_lists
from backprop_explorer.tutor.program.rejoined_updates import rejoined_updates
from backprop_explorer.tutor.program.source import (
    container_of,
    function_of,
    operand_of,
    parameters_of,
    statement_at,
)
from backprop_explorer.tutor.program.split_parameters import separate_copies, split_parameters
from backprop_explorer.tutor.program.steps import COPIES, Run, Step, last_name

_CHANGES = frozenset({"add", "subtract", "setitem", "add_at", "copy", "astype", "where"})
# How many inputs of an operation its result may be an updated version of.
_ADDS = dict[str, int | None](add=2, subtract=1, multiply=2, divide=1, setitem=2, add_at=1)
_ADDS |= dict.fromkeys(("stretch", "gather"), 1) | dict.fromkeys(("stack", "concatenate"))
SHOWN = frozenset({"transpose", "reshape", "copy", "astype", "getitem", "strided"})
_ARRANGES = frozenset({"reshape", "transpose", "copy", "astype", "stack", "concatenate", "stretch"})
# Sources at the start of a recording that are 0 and unused: a plain number that is updated, such as
# ``b = 0``, becomes a parameter in place of one of them.
SPARE = 16
_PARAMETER = re.compile(
    r"_*(W|U|V|b|weights?|bias|biases|gamma|beta|thetas?|kernels?|filters?)"
    r"(_?[a-z0-9]{1,2}(_[a-z0-9]{1,2})?"
    r"|_(conv|dense|hidden|out|output|in|input|fc|vocab|embed)\d?)?$",
    re.IGNORECASE,
)
# Updates of one line, among which the next one of a parameter is looked for.
MAX_SITES = 200
_OF_NUMBERS = frozenset(
    {"add", "subtract", "multiply", "negative", "square", "matmul", "sum", "reshape", "getitem"}
)
MAX_SHIFTS = 6  # of an entry by a check of its gradient


def _take_back_shifts(run: Run) -> None:
    """Let what reads an array whose entries were shifted and shifted back, as by a check of its
    gradient, read the array that it was before.
    """
    same, sums = dict[int, int](), dict[int, float]()
    for step in run.steps:
        step.inputs = tuple(same.get(each, each) for each in step.inputs)
        if step.op == "subtract" and (whole := _before_shift(run, step)) is not None:
            same[step.index] = whole
        if step.op != "setitem" or step.value.dtype.kind != "f":
            continue
        at, total = step.inputs[0], float(step.value.sum())
        sums[step.index] = total
        # What is set before is another value, so the array before that may be the one.
        for _ in range(MAX_SHIFTS if run.steps[at].op == "setitem" else 0):
            at = run.steps[at].inputs[0]
            before = run.steps[at].value
            known = sums[at] = sums[at] if at in sums else float(before.sum())
            if abs(known - total) <= 1e-9 and np.allclose(before, step.value, 1e-12, 1e-15):
                if not np.array_equal(run.steps[step.inputs[0]].value, step.value):
                    same[step.index] = at
                break
            if run.steps[at].op != "setitem":
                break
    _read_instead(run, same)


def _before_shift(run: Run, step: Step) -> int | None:
    """Return the array of which a difference is made by adding and subtracting the same, as of
    weights that are moved by their velocity for the way forward.
    """
    moved = run.steps[step.inputs[0]]
    if moved.op != "add" or not moved.name or moved.name != step.name:
        return None
    whole, by = (run.steps[each].value for each in moved.inputs)
    is_same = whole.shape == step.value.shape and whole.size > 1
    again = run.steps[step.inputs[1]].value
    is_same = is_same and again.shape == by.shape and np.array_equal(again, by)
    return moved.inputs[0] if is_same else None


def _rejoin_parts(run: Run) -> None:
    """Let what reads an array of all parts of another one, in their order, read that array: an
    optimizer may get the weights of all layers as one array, and take them apart again.
    """
    same = dict[int, int]()
    for step in run.steps:
        step.inputs = tuple(same.get(each, each) for each in step.inputs)
        wholes = {run.whole_of(each) for each in step.inputs}
        if step.op not in ("stack", "concatenate") or len(step.inputs) < 2 or len(wholes) > 1:
            continue
        # Arrays that the program is given are parameters themselves.
        first = run.steps[run.sites[step.site][0]]
        if any(run.steps[run.whole_of(each)].path is not None for each in first.inputs):
            continue
        whole = run.steps[wholes.pop()]
        are_parts = all(run.steps[each].value.size < whole.value.size for each in step.inputs)
        if are_parts and whole.op and np.array_equal(whole.value, step.value):
            same[step.index] = whole.index
    _read_instead(run, same)


def _read_instead(run: Run, same: Mapping[int, int]) -> None:
    """Let steps and results be made of other steps, of equal values."""
    if not same:
        return
    for step in run.steps:
        step.inputs = tuple(same.get(each, each) for each in step.inputs)
    run.forget()
    for found in (run.returned, run.state):
        found[:] = [replace(e, index=same.get(e.index, e.index)) for e in found]
    run.after = {source: same.get(at, at) for source, at in run.after.items()}
    run.places_at_end = {path: same.get(at, at) for path, at in run.places_at_end.items()}


def promote_parameters(run: Run) -> None:
    """Make sources of the arrays that a run makes of constants, and adds to what depends on them.

    ``W = 0.1 * randn(2, 3)`` in the run is a parameter if ``W - rate * dW`` follows, where dW
    depends on W.
    """
    if run.start or run.created:
        return
    _take_back_shifts(run)
    _read_instead(run, join_lists(run))
    _rejoin_parts(run)
    separate_copies(run)
    split_parameters(run)
    _find_replaced(run)
    _promote_numbers(run)
    made: list[bool] = []  # of constants alone, entry by entry
    for step in run.steps:
        family = OPS[step.op].family if step.op else ""
        arranged = step.op in (*_ARRANGES, "setitem") or family in ("elementwise", "reduction")
        # Of one line, as in w1, w2 = np.random.randn(2).
        drawn = [at for at in step.inputs if at in run.drawn]
        drawn = [at for at in drawn if step.value.ndim == 0 and run.steps[at].line == step.line]
        arranged |= step.op == "getitem" and bool(drawn)
        # Weights may be filled with the entries of a vector, one by one.
        entries = (run.steps[at] for at in step.inputs[1:2] if step.op == "setitem")
        taken = {e.index for e in entries if e.op == "getitem" and made[e.inputs[0]]}
        made.append(
            step.path is None
            and step.value.dtype.kind in "fiu"
            and (not step.op or (arranged and all(made[at] or at in taken for at in step.inputs)))
        )
        run.drawn |= {step.index} if made[-1] and drawn else set()
    joined = zip(made, _unrolled(run), run.steps, strict=True)
    unrolled = [one or (other and bool(step.name)) for one, other, step in joined]
    wholes = _first_written(run, unrolled)
    pairs = [
        (at, base, step)
        for step in run.steps
        for base, at in _changed(run, step, unrolled, wholes)
        if made[base] or _stays(step, run.steps[base]) or _is_chained(run, step)
        if not _is_operand(run, step) and not _is_factor(run, step, at, base)
    ]
    # What others are updated with is a velocity: that decays, too.
    steps = {at for at, _, _ in pairs}
    pairs = [each for each in pairs if each[2].index not in steps or not _decays(run, *each[1:])]
    bits = {base: 1 << k for k, base in enumerate(dict.fromkeys(base for _, base, _ in pairs))}
    rejoined = dict(rejoined_updates(run, made))
    run.replaced = dict(_replaced(run, made)) | rejoined
    masks = _masks(run, bits, made)
    names = _names_of_updated(run, pairs, bits, masks)
    run.replaced = {
        base: new
        for base, new in run.replaced.items()
        if base in rejoined or base not in run.created
    }
    names |= _alike(run, names, made) if bits or run.created or run.replaced else {}
    is_updated = any(at != source for source, at in run.after.items())
    if not (is_updated or run.created or run.replaced):
        names |= _with_gradients(run, made)
    names |= {base: _name_of(run.steps[base]) for base in run.replaced if made[base]}
    joins = ("stack", "concatenate")
    run.joined = {
        base
        for base in names
        if run.steps[base].op in joins and made[base]
        # Else the way forward reads the array, as all rounds do.
        if any(len(run.readers[run.whole_of(each)]) > 1 for each in run.steps[base].inputs)
    }
    before = {each for base in names for each in run.steps[base].inputs}
    for base, name in names.items():
        step = run.steps[base]
        step.op, step.inputs, step.path = "", (), name.removeprefix("self.")
    run.forget()
    run.spent = {each for each in before if not run.readers[each]}
    for version, base in versions_of(run).items():
        if base in run.created:
            run.after[base] = version
    for base, new in run.replaced.items():
        if run.after.get(base, base) == base:
            # Of zeros the first round does not tell whether they are added to.
            again = base in rejoined or not run.steps[base].value.any()
            run.after[base] = max(run.in_each_round(new)) if again else new


def _masks(run: Run, bits: Mapping[int, int], made: Sequence[bool]) -> list[int]:
    """Return of which arrays each step is made, by their bits; ``made`` are those of constants."""
    masks, known = list[int](), dict(bits)
    for base, bit in bits.items():
        # The first round reads the arrays themselves that are joined for an optimizer.
        of = run.steps[base]
        joins = made[base] and of.op in ("stack", "concatenate")
        for each in map(run.whole_of, of.inputs) if joins else ():
            known[each] = known.get(each, 0) | bit
    for step in run.steps:
        mask = known.get(step.index, 0)
        for each in step.inputs:
            mask |= masks[each]
        masks.append(mask)
    return masks


def end_of_first_join(run: Run) -> int | None:
    """Return where the round begins that reads parameters which the first one joins for an
    optimizer, after it has read them one by one; None if no update reads joined parameters.
    """
    updates = [at for base, at in run.created.items() if base in run.joined]
    return 1 + max(updates) if updates and len(updates) == len(run.created) else None


def _unrolled(run: Run) -> list[bool]:
    """Return which steps are made of sources that nothing updates by joining and reshaping them, as
    an optimizer of one long vector gets them.
    """
    # In the end they may be set to parts of the vector.
    last = {source: run.steps[run.after.get(source, source)] for source in run.sources}
    unchanged = {at for at, step in last.items() if step.index == at or step.op in SHOWN}
    found = list[bool]()
    for step in run.steps:
        joins = step.op in ("copy", "reshape", "concatenate", "stack")
        arrays = [each for each in step.inputs if run.steps[each].value.size > 1]
        known = (found[each] or each in unchanged for each in arrays)
        found.append(joins and step.value.dtype.kind == "f" and bool(arrays) and all(known))
    return found


def _replaced(run: Run, made: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield arrays with the name of a parameter, and what a place reads instead in the next round
    that has its name, depends on it and is no sum with it. A method reads those of all layers.
    """
    seen = set[int]()
    for steps in run.sites.values():
        if len(steps) < 2:
            continue
        inputs = [run.steps[each].inputs for each in steps[:MAX_SITES]]
        for k in range(len(inputs[0])):
            read = dict.fromkeys(_origin(run, each[k]) for each in inputs if len(each) > k)
            computed = (run.steps[at] for at in read if run.steps[at].op)
            computed = (e for e in computed if run.moves[e.index] or not made[e.index])
            # An array that is filled row by row is no parameter.
            computed = (each for each in computed if each.op not in ("getitem", "setitem"))
            later = [e for e in computed if read.keys().isdisjoint(_terms_of(run, e) - {e.index})]
            for base in map(run.steps.__getitem__, read if later else ()):
                is_array = base.value.dtype.kind == "f" and base.value.shape != ()
                if base.index in seen or not is_array:
                    continue
                is_given = not base.op and base.path is not None
                if not (made[base.index] or is_given):
                    continue
                name = base.path or base.name
                if is_called_parameter(name):
                    last = next((e for e in later if _is_in_place(e, base, name)), None)
                else:
                    put = (
                        e for e in later if _is_put_in_place(e, base) or _is_step_for(run, e, base)
                    )
                    last = next(put, None)
                if last is not None:
                    later.remove(last)
                    seen.add(base.index)
                    yield base.index, last.index


def _is_in_place(step: Step, base: Step, name: str) -> bool:
    """Whether a later value has the shape and name of a parameter."""
    words = {last_name(step.name), *last_name(step.name).split("_")}
    alike = step.value.shape == base.value.shape and last_name(name) in words
    return alike and step.index > base.index


def _is_put_in_place(step: Step, base: Step) -> bool:
    """Whether a later value is put where a parameter was: into params["W" + str(l)], or a list."""
    if step.value.shape != base.value.shape or step.index < base.index or step.line == base.line:
        return False
    place = _kept_in(step)
    return place == _kept_in(base) and any(is_called_parameter(each) for each in place if each)


def _is_step_for(run: Run, step: Step, base: Step) -> bool:
    """Whether a later value is a multiple of another one, by a number, and has the name of drawn
    numbers: an update that lacks what it is subtracted from.
    """
    if not step.name or step.name != base.name or step.value.shape != base.value.shape:
        return False
    is_multiple = step.op in ("multiply", "divide", "negative")
    others = [each for each in step.inputs if run.steps[each].value.size > 1]
    is_later = base.index < step.index and bool(base.value.any())
    return is_multiple and len(others) == 1 and is_later


def _decays(run: Run, base: int, step: Step) -> bool:
    """Whether a sum has a multiple of an array as a term that has no name of its own."""
    terms = [run.steps[source_of(run, each)] for each in step.inputs[:2]]
    return all(each.index != base for each in terms) and any(
        not each.name and each.op == "multiply" and base in _decayed(run, each.index)
        for each in terms
    )


def _is_decay(run: Run, step: Step) -> bool:
    """Whether an array is made smaller by a number, as weights that decay before their update."""
    numbers = [run.steps[each].value for each in step.inputs if run.steps[each].value.size == 1]
    return step.op == "multiply" and len(numbers) == 1 and 0.5 < numbers[0].item() <= 1.0


def _terms_of(run: Run, step: Step) -> set[int]:
    """Return the arrays that a value is, or of which it, or what it shows, is a sum or difference
    with other terms.
    """
    found = set[int]()
    while step.op in COPIES | SHOWN:
        found.add(step.index)
        step = run.steps[step.inputs[0]]
    if _is_decay(run, step):
        step = run.steps[_scaled(run, step.index)]  # of weights that decay first, what decays
    is_sum = step.op in ("add", "subtract", "setitem", "add_at", "stack", "concatenate")
    return found | (_parts(run, step.index) if is_sum else {step.index})


_GRADIENT = re.compile(r"_?(d_?[a-zA-Z]|d[A-Z_]\w*|d[hxyzac]_\w*|grad\w*|delta\w*)")


def _names_of_updated(
    run: Run, pairs: list[tuple[int, int, Step]], bits: dict[int, int], masks: list[int]
) -> dict[int, str]:
    """Return the arrays that are updated, with their names; keep their first updates.

    ``pairs`` are what is added, to which array, in which step. ``masks`` tell of which arrays, by
    their ``bits``, each step is made.
    """
    names: dict[int, str] = {}
    filled = dict[int, bool]()
    firsts = set[int]()  # of an array and what it is a multiple of, only the nearest counts
    times: dict[tuple[Any, ...], Counter[int]] = {}
    for site in {step.site for _, _, step in pairs}:
        read = (each for at in run.sites[site] for each in run.steps[at].inputs[:2])
        times[site] = Counter(base for each in read for base in {*_decayed(run, each)})
    sums = set[int]()
    # A gradient w - C * x of a penalised w is no update of it, where w -= rate * g follows.
    in_place = {b for c, b, e in pairs if _stays(e, run.steps[b]) and masks[c] & bits[b]}
    for change, base, step in pairs:
        if base in in_place and not _stays(step, run.steps[base]):
            continue
        if base in run.created.values():
            continue  # where data are numbers of the program, an update seems to be one of those
        if base not in filled:
            filled[base] = base not in run.created and _is_filled(run, step, base)
        if filled[base]:
            continue  # the states of a sequence, each written before something is added
        # A gradient that begins as a copy of the upstream one.
        if run.steps[base].name != step.name and _GRADIENT.fullmatch(last_name(step.name)):
            continue
        # What is added to again and again, as a bias, is not updated there.
        again = times[step.site][base] > 1
        # The first that is added to a parameter depends on it, to a sum of a loop it does not.
        is_first = base not in run.created and not run.steps[base].op
        is_first &= _stays(step, run.steps[base])
        if is_first and run.moves[change] and not masks[change] & bits[base]:
            sums.add(base)
        if base in sums or step.index in firsts or not masks[change] & bits[base] or again:
            continue
        firsts.add(step.index)
        copied = (run.steps[each] for each in run.readers[base] if run.steps[each].op in COPIES)
        own = run.steps[base].name or next((e.name for e in copied if e.name), "")
        names.setdefault(base, own or step.name or _name_of(run.steps[base]))
        run.created.setdefault(base, _whole_sum(run, step).index)
    return names


def _is_filled(run: Run, step: Step, base: int) -> bool:
    """Whether entries of an array of zeros were replaced before a step adds to some."""
    at = step.inputs[0]
    while not run.steps[base].value.any() and run.steps[at].op == "setitem":
        if run.moves[at] and run.steps[run.steps[at].inputs[1]].op not in ("add", "subtract"):
            return True
        at = run.steps[at].inputs[0]
    return False


def _whole_sum(run: Run, step: Step) -> Step:
    """Return the sum that a sum without a name is the first term of: W + v - rate * decay * W."""
    readers = [run.steps[each] for each in run.readers[step.index]]
    while len(readers) == 1 and not step.name and readers[0].value.shape == step.value.shape:
        (reader,) = readers
        if reader.op not in ("add", "subtract") or reader.inputs[0] != step.index:
            break
        step, readers = reader, [run.steps[each] for each in run.readers[reader.index]]
    return step


def _is_operand(run: Run, step: Step) -> bool:
    """Whether a sum is only multiplied in its own statement, as in dh * (h - v), or as the diagonal
    of a matrix.
    """
    readers = [run.steps[each] for each in run.readers_through(step.index, {"setitem"})]
    own = (
        each.op in ("multiply", "divide", "matmul") and each.frames[0][:4] == step.frames[0][:4]
        for each in readers
    )
    return not step.name and bool(readers) and all(own)


def _is_factor(run: Run, step: Step, change: int, base: int) -> bool:
    """Whether a difference that has a name of its own only scales other arrays, as the h - v by
    which the gradient of a gate is multiplied; a step of an update has a rate.
    """
    if not step.name or last_name(step.name) == last_name(run.steps[base].name):
        return False
    sizes = [run.steps[each].value.size for each in run.steps[change].inputs]
    if run.steps[change].op in ("multiply", "divide") and 1 in sizes:
        return False
    readers = [run.steps[each] for each in run.readers[step.index]]
    scales = (
        e.op == "multiply" and all(run.steps[k].value.size > 1 for k in e.inputs) for e in readers
    )
    return step.value.size > 1 and bool(readers) and all(scales)


def _is_chained(run: Run, step: Step) -> bool:
    """Whether the place of a sum adds to it in the next round."""
    return any(run.steps[at].inputs[:1] == (step.index,) for at in run.sites[step.site])


def _stays(step: Step, base: Step) -> bool:
    """Whether a sum stands in the place of its first term: s += x, but not z = b + x @ W."""
    same = bool(step.name) and last_name(step.name) == last_name(base.name)
    return same or "+=" in step.text or "-=" in step.text


def _promote_numbers(run: Run) -> None:
    """Make sources of plain numbers, such as ``b = 0``, that what depends on them is added to."""
    spare = [at for at in range(min(SPARE, run.recorded)) if _is_number(run, at)]
    for steps in list(run.sites.values()):
        for k in _positions(run.steps[steps[0]].op):
            before = [source_of(run, run.steps[at].inputs[k]) for at in steps]
            count = Counter(at for at in before if at not in spare and _is_number(run, at))
            count = Counter({at: n for at, n in count.items() if at not in run.drawn})
            once = [at for at, times in count.items() if times == 1]  # else a sum begins anew
            for number in once:
                step = run.steps[steps[before.index(number)]]
                reads = _reads_of(run, number, step, steps, before) if spare and step.name else []
                shape, change = step.value.shape, step.inputs[1 - k]
                if not reads or not (run.moves[change] or number in run.ancestors([change])):
                    continue
                if not all(_takes(run, run.steps[at], p, shape) for at, p in reads):
                    continue
                source = run.steps[spare.pop(0)]
                source.value = np.full(step.value.shape, run.steps[number].value, dtype=float)
                source.path = step.name.removeprefix("self.")
                for at, p in [(step.index, k), *reads]:
                    read = run.steps[at].inputs
                    run.steps[at].inputs = (*read[:p], source.index, *read[p + 1 :])
                run.created[source.index] = step.index
                run.forget()
    # What is computed from 0 and whole data is whole in the first round alone.
    floats = set(run.created)
    for step in run.steps:
        whole = step.value.dtype.kind in "iu" and step.op in _OF_NUMBERS
        if whole and not floats.isdisjoint(step.inputs):
            step.value = step.value.astype(float)
            floats.add(step.index)
    if floats - run.created.keys():
        run.forget()


def _is_number(run: Run, at: int) -> bool:
    step = run.steps[at]
    is_constant = not step.op and step.path is None
    return is_constant and step.value.ndim == 0 and step.value.dtype.kind in "fi"


def _reads_of(
    run: Run, number: int, update: Step, steps: list[int], before: list[int]
) -> list[tuple[int, int]]:
    """Return the steps that read a number which an update replaces, each with the position.

    Of equal numbers it is known by what reads it: this reads the updates later, or has their name.
    ``steps`` are all of the line of the update, ``before`` what they update.
    """
    updates, found = {update.index}, list[tuple[int, int]]()
    for at, each in zip(steps, before, strict=True):
        updates |= {at} if each in updates else set()
    own = _without_object(update.name)
    readers = [run.steps[at] for at in run.readers[number] if at not in updates]
    # Of two fits in one call each has a number of this name, and an update of it.
    others = dict[tuple[Any, ...], Step]()
    for step in readers:
        is_update = any(step.inputs[k] == number for k in _positions(step.op))
        if is_update and _without_object(step.name) == own and step.site != update.site:
            others.setdefault(step.site, step)
    for step in readers:
        shared = _shared_frames(step, update)
        if any(_shared_frames(step, each) > shared for each in others.values()):
            continue
        for p in (p for p, each in enumerate(step.inputs) if each == number):
            name = operand_of(step.text, p)
            read = (source_of(run, run.steps[e].inputs[p]) for e in run.sites[step.site])
            is_named = name is not None and _without_object(ast.unparse(name)) == own
            if is_named or not updates.isdisjoint(read):
                found.append((step.index, p))
    return found


def _takes(run: Run, step: Step, position: int, shape: tuple[int, ...]) -> bool:
    """Whether a step has the same shape with an array of some shape in the place of a number."""
    if shape == ():
        return True
    shapes = [run.steps[each].value.shape for each in step.inputs]
    shapes[position] = shape
    return OPS[step.op].family == "elementwise" and _broadcast(shapes) == step.value.shape


def _shared_frames(one: Step, other: Step) -> int:
    """Return how many calls two steps have in common, from the outermost on."""
    calls = ([(f.function, f.call) for f in reversed(each.frames)] for each in (one, other))
    pairs = zip(*calls, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _alike(run: Run, names: dict[int, str], made: list[bool]) -> dict[int, str]:
    """Return the constant arrays that are called like parameters: these are never updated."""
    words = set[str]().union(*map(words_of, names.values()))
    # An array of zeros only if it is added and has the name of another bias: b1 beside b2.
    biases = (name for base, name in names.items() if not run.steps[base].value.any())
    of_biases = set[str]().union(*map(words_of, biases))
    lines = {_begun_at(run.steps[base]): name for base, name in names.items()}
    holders = {_holder(run.steps[base]): name for base, name in names.items()}
    holders.pop(None, None)
    kept = {_kept_in(run.steps[base]): name for base, name in names.items()}
    kept.pop(("", ""), None)
    return {
        step.index: step.name
        or lines.get(_begun_at(step))
        or holders.get(_holder(step))
        or kept[_kept_in(step)]
        for step in run.steps
        if step.index not in names and made[step.index]
        # W.T is no other parameter, nor is what is left of a W that decays.
        if _without_zeros(run, _origin(run, step.index)) not in names
        if names.keys().isdisjoint(_decayed(run, step.index))
        if step.value.dtype.kind == "f" and (step.value.size > 1 or step.value.ndim > 1)
        if (
            (words & words_of(step.name) if step.name else _begun_at(step) in lines)
            and (
                step.value.any() or (of_biases & words_of(step.name) and _is_added(run, step.index))
            )
        )
        or (
            is_called_parameter(step.name)
            and (_is_read_again(run, step.index) or _is_added(run, step.index))
        )
        or (
            not (step.name or step.value.any())
            and _is_added(run, step.index)
            and (_holder(step) in holders or _begun_at(step) in lines or _kept_in(step) in kept)
        )
        if not all(map(made.__getitem__, run.readers_through(step.index, SHOWN)))
    }


def _with_gradients(run: Run, made: Sequence[bool]) -> dict[int, str]:
    """Return the constant arrays that are called like parameters, where nothing is updated but an
    array of the shape of each is a result.
    """
    results = [run.steps[e.index] for e in (*run.returned, *run.state)]
    shapes = {e.value.shape for e in results if e.op and run.moves[e.index]}
    return {
        step.index: step.name
        for step in run.steps
        if made[step.index] and step.value.dtype.kind == "f" and step.value.size > 1
        if is_called_parameter(step.name) and step.value.shape in shapes
        if step.value.any() or _is_added(run, step.index)
        if any(run.moves[each] for each in run.readers_through(step.index, SHOWN))
    }


def _kept_in(step: Step) -> tuple[str, str]:
    """Return the list or the kind of entry that the line of a step puts it into."""
    return container_of(*step.line, step.text) if step.line is not None else ("", "")


def _name_of(step: Step) -> str:
    """Return what a parameter is called that the run makes: its name, or that of its list."""
    held_in, key = _kept_in(step)
    statement = statement_at(*step.line) if step.line is not None else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    whole = last_name(ast.unparse(target)) if isinstance(target, ast.Name | ast.Attribute) else ""
    return step.name or key or held_in or whole or "parameter"


def _begun_at(step: Step) -> tuple[str, int] | None:
    """Return the first line of the statement that makes a value."""
    statement = statement_at(*step.line) if step.line is not None else None
    return step.line if step.line is None or statement is None else (step.line[0], statement.lineno)


def _holder(step: Step) -> str | None:
    """Return the dictionary, or the list, in which a value is stored where it is made."""
    statement = statement_at(*step.line) if step.line is not None else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return ast.unparse(target.value) if isinstance(target, ast.Subscript) else None


def is_called_parameter(name: str | None) -> bool:
    """Whether a name is one that weights and biases have: W, b1, bias, W_hh, gamma, W[layer]."""
    whole = (name or "").rpartition("[")[0] or name or ""
    return any(_PARAMETER.match(last_name(each)) for each in (name or "", whole))


def _is_read_again(run: Run, at: int) -> bool:
    """Whether a place reads an array in several rounds."""
    sites = Counter(run.steps[each].site for each in run.readers[at])
    return bool(sites) and max(sites.values()) > 1


def _is_added(run: Run, at: int) -> bool:
    """Whether the first step that reads an array, or a part of it, adds this to a computed value,
    as z = x @ W + b.
    """
    reader = next((run.steps[each] for each in run.readers[at]), None)
    if reader is not None and reader.op in SHOWN:
        return _is_added(run, reader.index)
    return reader is not None and reader.op == "add" and any(run.steps[k].op for k in reader.inputs)


def _find_replaced(run: Run) -> None:
    """Find what stands at the end in the place of a source, in a new list or object."""
    places = {run.steps[source].path: source for source in run.sources}
    for path, index in run.places_at_end.items():
        source = places.get(path)
        if source is not None and source_of(run, index) == source:
            continue  # an attribute that keeps an argument of its name
        if source is not None and run.after.get(source, source) == source:
            run.after[source] = index


def _changed(
    run: Run, step: Step, made: list[bool], wholes: Sequence[int]
) -> list[tuple[int, int]]:
    """Return (constant array, what is added to it) for a step that may be an update."""
    if step.op in ("setitem", "add_at"):
        base = wholes[step.inputs[0]]
        added = step.inputs[1:2] if step.op == "add_at" else _added(run, step, base, wholes)
        return [(base, other) for other in added] if made[base] else []
    if step.op not in ("add", "subtract"):
        return []
    found = []
    for k in _positions(step.op):
        for base in _decayed(run, step.inputs[k]):
            array = run.steps[base].value
            if (
                made[base]
                and array.dtype.kind == "f"
                and (array.shape or base in run.drawn)
                and (_replaces(run, step, base) or _others_do(run, step, k, made))
            ):
                found.append((base, step.inputs[1 - k]))
    return found


def _replaces(run: Run, step: Step, base: int) -> bool:
    """Whether a sum may be an array's update: it has its shape, or is read where that was read."""
    if run.steps[base].value.shape == step.value.shape:
        return True
    later = map(run.steps.__getitem__, run.readers[step.index])
    return any(
        run.steps[at].inputs[p] == base
        for each in later
        for at in run.sites[each.site]
        for p, read in enumerate(each.inputs)
        if read == step.index and p < len(run.steps[at].inputs)
    )


def _others_do(run: Run, step: Step, k: int, made: list[bool]) -> bool:
    """Whether the place of a sum updates other arrays, of their shape: then this one is wrong."""
    others = [run.steps[at] for at in run.sites[step.site] if at != step.index]
    pairs = ((each, source_of(run, each.inputs[k])) for each in others)
    return any(made[of] and run.steps[of].value.shape == e.value.shape != () for e, of in pairs)


def _added(run: Run, step: Step, base: int, wholes: Sequence[int]) -> list[int]:
    """Return what an assignment into an array adds to the entries that it had there."""
    change = run.steps[step.inputs[1]]
    if change.op not in ("add", "subtract"):
        return []
    read = [wholes[_origin(run, _scaled(run, each))] for each in change.inputs[:2]]
    return [change.inputs[1 - k] for k, each in enumerate(read) if each == base]


def _scaled(run: Run, at: int) -> int:
    """Return what a value is a multiple of, by a number: entries that decay."""
    step = run.steps[at]
    arrays = [each for each in step.inputs if run.steps[each].value.size > 1]
    return arrays[0] if step.op == "multiply" and len(arrays) == 1 else at


def is_made_of(run: Run, at: int, source: int) -> bool:
    """Whether a value is that of a source plus something: all of it, entries, or a multiple."""
    return source in _parts(run, at)


def _parts(run: Run, at: int) -> set[int]:
    """Return what a value is plus something, and the value itself."""
    waiting, seen = [at], set[int]()
    while waiting:
        step = run.steps[waiting.pop()]
        if step.index not in seen and (step.op in _ADDS or step.op in SHOWN):
            waiting += step.inputs[: _ADDS.get(step.op, 1)]
            if step.op == "setitem":  # entries that are replaced are not added to
                waiting.remove(step.inputs[0])
        seen.add(step.index)
    return seen


def _first_written(run: Run, made: Sequence[bool] = ()) -> list[int]:
    """Return for each step the array that was the first of which entries were replaced; or the last
    one that is ``made`` of constants, as weights that are drawn one by one.
    """
    found = list[int]()
    for step in run.steps:
        at = step.index
        is_written = step.op in ("setitem", "add_at") and not (made and made[at])
        is_same = is_written or _op(run, at) in COPIES
        found.append(found[step.inputs[0]] if is_same else at)
    return found


def _decayed(run: Run, at: int) -> list[int]:
    """Return an array, and what it is a multiple or copy of: by its name or by a usual decay."""
    found = [_without_zeros(run, source_of(run, at))]
    while (step := run.steps[found[-1]]).op in ("multiply", "divide"):
        arrays = [each for each in step.inputs if run.steps[each].value.size > 1]
        if len(arrays) != 1:
            break
        same = bool(step.name) and run.steps[source_of(run, arrays[0])].name == step.name
        if not (same or (step.value.any() and _is_decay(run, step))):
            break  # a velocity begins with zeros
        found.append(source_of(run, arrays[0]))
    return found


def _without_zeros(run: Run, at: int) -> int:
    """Return the array to which only zeros were added, as a velocity that begins with 0."""
    step = run.steps[at]
    while step.op in ("add", "subtract") and not run.moves[step.inputs[1]]:
        # What is added to a number may be 0 for this sample.
        if run.steps[step.inputs[1]].value.any() or step.value.ndim == 0:
            break
        step = run.steps[source_of(run, step.inputs[0])]
    return step.index


def widen_numbers(run: Run) -> None:
    """Make arrays of the numbers that a run replaces with arrays, where nothing else changes.

    After ``beta = 0.0`` and ``beta -= rate * dbeta``, beta has an entry for each channel.
    """
    for source, after in run.after.items():
        step, shape = run.steps[source], run.steps[after].value.shape
        kind = run.steps[after].value.dtype.kind
        if step.value.dtype.kind not in "fi" or step.value.shape or not shape or kind != "f":
            continue
        readers = [run.steps[at] for at in run.readers[source] if at != after]
        if all(_takes(run, e, e.inputs.index(source), shape) for e in readers):
            step.value = np.full(shape, step.value, dtype=float)
            run.forget()


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def stop_velocities(run: Run) -> None:
    """Set the numbers of earlier updates that a momentum adds to an update to 0.

    Of an array it is seen how much of it an update has; of up to three numbers it is not.
    """
    stopped = {}
    updated = {after for source, after in run.after.items() if after != source}
    for source in run.sources if not run.start else ():
        step = run.steps[source]
        if step.value.size <= 3 and step.value.dtype.kind == "f" and step.value.any():
            made = _multiples_of(run, source)
            if made & updated - {run.after.get(source)}:
                stopped[source] = lambda step, inputs, values: np.zeros_like(step.value)
    for index, value in (run.replayed(stopped) or {}).items():
        run.steps[index].value = value


def _multiples_of(run: Run, source: int) -> set[int]:
    """Return the steps that are made of a number by sums, and products with what is no result."""
    found, waiting = {source}, [source]
    while waiting:
        at = waiting.pop()
        for reader in run.readers[at]:
            step = run.steps[reader]
            # The strength of a penalty multiplies a parameter.
            scales = step.op == "multiply" and all(
                k == at or (not run.steps[k].op and run.steps[k].value.size == 1)
                for k in step.inputs
            )
            if step.op not in ("add", "subtract", *COPIES) and not scales:
                return set()
            waiting += [reader] if reader not in found else []
            found.add(reader)
    return found


def first_round(run: Run, *, once: bool = False) -> Run | None:
    """Return the run up to where a place reads the update of what it read before, or None.

    A recurrent state is read again like an update, so the result is only one of two readings of a
    program. An update is the parameter plus something. ``once``: the round ends where the place
    that first read a parameter runs again, though the entries that it reads are not updated.
    """
    versions = versions_of(run)
    end = min(_read_again(run, versions), default=None) if versions else None
    if end is None:
        return None
    end = _updated_again(run, {at: of for at, of in versions.items() if at < end}) or end
    # Steps of the same line before it belong to the second round, too.
    line = [each[:4] for each in run.steps[end].frames[:1]]
    while [each[:4] for each in run.steps[end - 1].frames[:1]] == line:
        end -= 1
    # The next round may first read entries that no update has changed.
    some = [each for each in versions if each < end]
    last = min(some, default=end) if once else max(some, default=end)
    reads = [at for each in versions.values() for at in run.readers[each][:1]]
    if once:
        readers = (at for each in {*versions.values()} for at in run.readers_through(each, COPIES))
        reads = [at for at in readers if len(run.sites[run.steps[at].site]) > 1]
    begin = min(reads, default=end)
    again = (at for at in range(last + 1, end) if run.steps[at].site == run.steps[begin].site)
    end = next(again, end)
    found = {source: version for version, source in versions.items() if version < end}
    # Updates come last in a round: none of the first round is made after the second has begun.
    if not found:
        return None
    first = run.until(end, found)
    for version, source in sorted(versions.items()):
        if version >= end and source not in first.after:
            _add_view(first, run, version, source)
    return first


def _updated_again(run: Run, versions: Mapping[int, int]) -> int | None:
    """Return the end of the first updates, where a line updates a parameter again by what depends
    on its first update: a loop may compute the error for its next round.
    """
    firsts = dict[int, int]()
    for version, source in sorted(versions.items()):
        step, first = run.steps[version], firsts.setdefault(source, version)
        if step.op not in ("add", "subtract") or step.site != run.steps[first].site:
            continue
        if version != first and first in run.ancestors(step.inputs[1:]):
            return 1 + max(firsts.values())
    return None


def next_fit(run: Run, waiting: Collection[int]) -> int | None:
    """Return where the fit of other parameters begins: after the last update of others before the
    first one of ``waiting``, which are sources of the whole run. None if there is none.
    """
    versions = versions_of(run)
    updates = ((at, run.origin_of(source)) for at, source in sorted(versions.items()))
    before = takewhile(lambda each: each[1] not in waiting, updates)
    last = max((at for at, _ in before), default=None)
    is_updated = any(run.origin_of(source) in waiting for source in versions.values())
    return None if last is None or not is_updated else last + 1


def first_fit(run: Run) -> Run:
    """Return a round up to where another fit makes parameters of its own."""
    versions = versions_of(run)
    first = min(versions, default=run.recorded)
    later = [source for source in versions.values() if source > first]
    end = 1 + max((at for at in versions if at < min(later)), default=0) if later else run.recorded
    after = {source: at for source, at in run.after.items() if at < end}
    return run.until(end, after) if end < run.recorded else run


def _add_view(first: Run, run: Run, version: int, source: int) -> None:
    """Add to a round what a parameter is replaced with, if it is a part of an array that is made in
    the round: such a part is recorded where it is first read.
    """
    end, step, inputs = first.recorded, run.steps[version], list[int]()
    if step.op not in SHOWN or step.inputs[0] >= end:
        return
    for each in map(run.steps.__getitem__, step.inputs):
        if each.index >= end and each.op:
            return
        if each.index >= end:
            first.steps.append(replace(each, index=len(first.steps)))
        inputs.append(each.index if each.index < end else len(first.steps) - 1)
    first.after[source] = len(first.steps)
    first.steps.append(replace(step, index=len(first.steps), inputs=tuple(inputs)))


def _read_again(run: Run, versions: dict[int, int]) -> Iterator[int]:
    """Yield the steps that read another version of a source than the same place did before."""
    updating = {run.steps[each].line for each in versions}
    for steps in _places(run, versions):
        first = run.steps[steps[0]]
        # An update of one row after the other reads what it has changed.
        if len(steps) < 2 or (first.line in updating and first.op in {*_CHANGES, "getitem"}):
            continue
        if first.op in SHOWN:
            # After each row of W.T that is updated, W.T is read anew.
            readers = ([run.steps[k].line for k in run.readers[at]] for at in steps)
            read_by = dict(zip(steps, readers, strict=True))
            steps = [at for at in steps if not updating.issuperset(read_by[at])]
        for position in range(len(first.inputs)):
            before: dict[int, int] = {}
            for at in steps:
                inputs = run.steps[at].inputs
                if position >= len(inputs):
                    continue
                source, read = _read(run, run.steps[at], inputs[position], versions)
                # V[i] -= rate * (a - b * V[i]) reads the entry that it replaces.
                size = run.steps[inputs[position]].value.size
                if first.line in updating and size < run.steps[read].value.size:
                    continue
                if before.setdefault(source, read) != read:
                    yield at


def _places(run: Run, versions: dict[int, int]) -> Iterable[list[int]]:
    """Return the steps of each place in the source.

    A method is one place, whatever calls it; a function of arrays that are passed is not. A row of
    new weights is recorded where it is first read, so there the place alone does not tell.
    """
    whole = any(run.steps[each].op == "getitem" for each in versions)
    places, methods = dict[tuple[object, ...], list[int]](), dict[object, bool]()
    for step in run.steps:
        if step.op and step.frames:
            if step.line not in methods:
                function = function_of(step.frames[0])
                given = [] if function is None else parameters_of(function)
                methods[step.line] = given[:1] == ["self"]
            depth = None if whole else 2 if methods[step.line] else 3
            places.setdefault(step.site[:depth], []).append(step.index)
    return places.values()


def _read(run: Run, step: Step, at: int, versions: dict[int, int]) -> tuple[int, int]:
    """Return the source of an input of a step, and which version of it the step reads.

    Of entries that no update has changed yet, that is the source itself.
    """
    read = _origin(run, at, versions)
    source = versions.get(read, read)
    if source != read and any(_is_unchanged(run, each, source) for each in (step, run.steps[at])):
        read = source
    return source, read


def _is_unchanged(run: Run, part: Step, source: int) -> bool:
    """Whether a step reads entries of a later version that are those of the source."""
    value = _entries_of(run, part, run.steps[source].value)
    return value is not None and np.array_equal(value, part.value)


def _entries_of(run: Run, part: Step, whole: Array) -> Array | None:
    """Return the entries of an array that a step reads of a version of it, perhaps of a row."""
    if part.op in COPIES:
        return _entries_of(run, run.steps[part.inputs[0]], whole)
    if part.op in ("transpose", "reshape"):
        array = _entries_of(run, run.steps[part.inputs[0]], whole)
        return None if array is None else np.asarray(run.compute(part, [array]))
    if part.op != "getitem":
        return None
    of = run.steps[part.inputs[0]]
    array = whole if of.value.shape == whole.shape else _entries_of(run, of, whole)
    indices = [run.steps[each].value for each in part.inputs[1:]]
    return None if array is None else np.asarray(run.compute(part, [array, *indices]))


def versions_of(run: Run) -> dict[int, int]:
    """Return the source of each step that is this source plus something, and stands for it."""
    found = (run.after, run.created, run.replaced)
    known = (len(run.steps), *(tuple(each.items()) for each in found))
    if run.versions is None or run.versions[0] != known:
        run.versions = known, _versions(run)
    return dict(run.versions[1])


def _versions(run: Run) -> dict[int, int]:  # noqa: C901 - sources of three kinds
    found: dict[int, int] = {}
    before: dict[int, int] = {}
    chained = _chained(run)
    places = {
        source: {
            run.steps[at].site
            for at in (
                first,
                run.steps[first].inputs[0],
                *_decayed(run, run.steps[first].inputs[0]),
            )
        }
        for source, first in run.created.items()
        if run.steps[first].inputs  # else it is taken for a parameter itself
    }
    order = {source: k for k, source in enumerate(run.sources)}
    sums = set[tuple[int, Any]]()  # z that is summed in a copy of a bias, which it does not change
    wholes = _first_written(run) if places else []
    for step in run.steps if places else ():
        # Weights and a bias may be entries of one array.
        base = wholes[step.inputs[0]] if step.op in ("setitem", "add_at") else -1
        added = _added(run, step, base, wholes) if base in places and step.op == "setitem" else []
        is_first = bool(added) and step.site not in places[base]
        # A velocity is 0 in the first round.
        is_state = not any(run.steps[each].value.any() for each in added)
        depends = any(run.depends[each] >> order[base] & 1 for each in added)
        if is_first and not depends and not is_state:
            sums.add((base, step.site))
        if base in places and (step.op == "add_at" or added) and (base, step.site) not in sums:
            places[base].add(step.site)
    for step in run.steps:
        if not run.moves[step.index]:
            continue
        # A decay before the update: W *= 1 - rate * decay.
        scales = step.op in ("multiply", "divide") and step.value.size > 1
        if _op(run, step.index) not in _CHANGES and not scales:
            continue
        for each in step.inputs[:2]:
            base = source_of(run, each)
            source = found.get(base, found.get(each, _without_zeros(run, base)))
            origin = run.steps[source]
            if origin.op or origin.path is None or origin.value.dtype.kind != "f":
                continue
            if source in run.replaced:
                continue
            if source >= run.start > 0:
                continue
            # What is added to a bias may have another shape than it.
            turned = run.steps[each].op == "transpose" and _is_row_of(step, origin)
            if origin.value.shape != step.value.shape and not (
                source in run.created
                or (step.op in ("add", "subtract") and (turned or _has_name(step, origin)))
            ):
                continue
            if source in run.created:
                # In each round an update, or a decay before it, stands in the same place.
                # A second update follows the first one, or a decay.
                goes_on = base in found and (
                    _is_decay(run, step)
                    or (
                        last_name(step.name)
                        in (last_name(origin.path), last_name(run.steps[base].name))
                        and any(run.depends[k] >> order[source] & 1 for k in step.inputs[1:])
                        and base not in run.ancestors(step.inputs[1:])
                    )
                )
                if step.site not in places.get(source, ()) and not goes_on:
                    continue
            elif (
                run.after.get(source, source) == source
                and step.index not in chained
                and not _has_name(step, origin)
            ):
                continue
            others = [k for k in step.inputs if k != each]
            # The costs of a batch are added to those of the batches before.
            is_sum = run.is_later and origin.value.size == 1 and step.op == "add"
            readers = (*run.readers[source], *run.readers[step.index]) if is_sum else ()
            is_sum = is_sum and all(run.steps[k].value.size == 1 for k in readers)
            if is_sum and not any(run.depends[k] >> order[source] & 1 for k in others):
                continue
            made = (is_made_of(run, step.inputs[1], at) for at in (base, source))
            if step.op == "setitem" and not any(made):
                continue
            number = all(run.steps[k].value.size == 1 for k in others)
            if number if scales else any(run.moves[k] for k in others):
                found[step.index], before[step.index] = source, each
                break
    found |= {new: base for base, new in run.replaced.items()}
    # What a source was replaced with at the end is its last version: others are no updates.
    for source, last in run.after.items():
        if source in run.created or source in run.replaced or last == source:
            continue
        chain = set[int]()
        while last in before:
            chain.add(last)
            last = source_of(run, before[last])
        others = [at for at, of in found.items() if of == source and at not in chain]
        for at in others:
            # A difference from a state that the next one is not made of is no update of it.
            if chain or not is_made_of(run, last, at):
                del found[at]
        if source not in before.values() and not others and run.steps[last].op:
            found |= dict.fromkeys(_in_place_of(run, source, last), source)
    return found


def _in_place_of(run: Run, source: int, last: int) -> list[int]:
    """Return the values that stood in the place of a source in each round, up to the last one.

    They are made by one line of what the source was before, as a row of a new matrix.
    """
    step, behind, shown = run.steps[last], run.ancestors([last]), _shown_by(run, last)
    return [
        at
        for at in run.sites[step.site]
        if shown and at in behind and run.steps[at].value.shape == step.value.shape
        if _shown_by(run, at) == shown and is_made_of(run, at, source)
    ]


def _shown_by(run: Run, at: int) -> list[tuple[object, ...]]:
    """Return by which views a value is made of the last sum, with their entries."""
    found = list[tuple[object, ...]]()
    while _op(run, at) in SHOWN:
        step = run.steps[at]
        entries = [run.steps[each].value.tobytes() for each in step.inputs[1:]]
        found.append((step.op, repr(step.keywords), *entries))
        at = step.inputs[0]
    return found


def _chained(run: Run) -> set[int]:
    """Return the sums of a line that are added to in the next round, the first to sources."""
    found = set[int]()
    for steps in run.sites.values():
        for position in _positions(run.steps[steps[0]].op) if len(steps) > 1 else ():
            terms = [source_of(run, run.steps[at].inputs[position]) for at in steps]
            # Of weights that decay first, what decays.
            read = [_begun_with(run, _scaled(run, each), steps) for each in terms]
            begun = {at for at in read if at not in steps}
            if len({*read}) == len(steps) > len(begun) and all(run.steps[at].path for at in begun):
                found.update(steps, (at for at in terms if run.steps[at].op == "multiply"))
    return found


def _begun_with(run: Run, at: int, steps: list[int]) -> int:
    """Return which of some sums a value adds to, in two terms of an update; else the source that
    it adds to, if it is such a sum.
    """
    if at in steps or run.steps[at].op not in ("add", "subtract"):
        return at
    before = sorted(_parts(run, at).intersection(steps) - {at})
    first = at
    while run.steps[first].op in ("add", "subtract"):
        first = source_of(run, run.steps[first].inputs[0])
    return before[-1] if before else first if run.steps[first].path else at


def _positions(op: str) -> range:
    """Return the inputs of which a sum may be an update."""
    return range({"add": 2, "subtract": 1}.get(op, 0))


def _is_row_of(step: Step, source: Step) -> bool:
    """Whether a value is a row of as many entries as a column of a source, or the reverse."""
    shape = source.value.shape
    return 1 in shape and step.value.shape == shape[::-1]


def _has_name(step: Step, source: Step) -> bool:
    """Whether a value has the name of a source, or of the list that this is an item of."""
    path = source.path or ""
    listed = path.rpartition("[")[0] if path.endswith("]") else path
    name = last_name(step.name) or _kept_in(step)[0]
    return name in (last_name(path), last_name(listed))


def _without_object(path: str) -> str:
    """Return "W[0]" of "net.W[0]"."""
    return path.rpartition(".")[2]


def source_of(run: Run, at: int) -> int:
    """Return what a value is a copy of."""
    while _op(run, at) in COPIES:
        at = run.steps[at].inputs[0]
    return at


def _op(run: Run, at: int) -> str:
    """Return the operation of a step; a value that is assigned to all of an array is a copy."""
    step = run.steps[at]
    whole = step.op == "stretch" and step.value.shape == run.steps[step.inputs[0]].value.shape
    return "copy" if whole else step.op


def _origin(run: Run, at: int, versions: Mapping[int, int] | None = None) -> int:
    """Return the array that a view or transposition shows, or the version of a source."""
    while _op(run, at) in SHOWN and at not in (versions or {}):
        at = run.steps[at].inputs[0]
    return at
