"""Parameters that a run makes itself, of constants or of numbers that it is given."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.tutor.program.aliases import words_of
from backprop_explorer.tutor.program.listed_parameters import join_lists
from backprop_explorer.tutor.program.rejoined_updates import rejoined_updates
from backprop_explorer.tutor.program.source import operand_of, statement_at
from backprop_explorer.tutor.program.split_parameters import separate_copies, split_parameters
from backprop_explorer.tutor.program.steps import COPIES, Run, Step, last_name
from backprop_explorer.tutor.program.versions import (
    SHOWN,
    array_shown,
    before_decays,
    first_written,
    is_decay,
    kept_in,
    may_take,
    source_of,
    sums_behind,
    terms_written,
    updated_inputs,
    versions_of,
    without_factor,
    without_zeros,
)

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
_GRADIENT = re.compile(r"_?(d_?[a-zA-Z]|d[A-Z_]\w*|d[hxyzac]_\w*|grad\w*|delta\w*)")


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
    wholes = first_written(run, unrolled)
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
            read = dict.fromkeys(array_shown(run, each[k]) for each in inputs if len(each) > k)
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
                is_named = is_called_parameter(name)
                put = (
                    e
                    for e in later
                    if (_is_in_place(e, base, name) if is_named else _is_step_for(run, e, base))
                    or _is_put_in_place(e, base)
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
    (whole, key), place = kept_in(step), kept_in(base)
    # Of params[name] = x the key is not known.
    is_same = (whole, key) == place or (whole == place[0] != "" and not key)
    return is_same and any(is_called_parameter(each) for each in place if each)


def _is_step_for(run: Run, step: Step, base: Step) -> bool:
    """Whether a later value is a multiple of another one, by a number, and has the name of drawn
    numbers: an update that lacks what it is subtracted from.
    """
    if not step.name or step.name != base.name or step.value.shape != base.value.shape:
        return False
    if _GRADIENT.fullmatch(last_name(step.name)):
        return False
    is_multiple = step.op in ("multiply", "divide", "negative")
    others = [each for each in step.inputs if run.steps[each].value.size > 1]
    is_later = base.index < step.index and bool(base.value.any())
    return is_multiple and len(others) == 1 and is_later


def _decays(run: Run, base: int, step: Step) -> bool:
    """Whether a sum has a multiple of an array as a term that has no name of its own."""
    terms = [run.steps[source_of(run, each)] for each in step.inputs[:2]]
    return all(each.index != base for each in terms) and any(
        not each.name and each.op == "multiply" and base in before_decays(run, each.index)
        for each in terms
    )


def _terms_of(run: Run, step: Step) -> set[int]:
    """Return the arrays that a value is, or of which it, or what it shows, is a sum or difference
    with other terms.
    """
    found = set[int]()
    while step.op in COPIES | SHOWN:
        found.add(step.index)
        step = run.steps[step.inputs[0]]
    if is_decay(run, step):
        step = run.steps[
            without_factor(run, step.index)
        ]  # of weights that decay first, what decays
    is_sum = step.op in ("add", "subtract", "setitem", "add_at", "stack", "concatenate")
    return found | (sums_behind(run, step.index) if is_sum else {step.index})


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
        times[site] = Counter(base for each in read for base in {*before_decays(run, each)})
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
        for k in updated_inputs(run.steps[steps[0]].op):
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
                if not all(may_take(run, run.steps[at], p, shape) for at, p in reads):
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
        is_update = any(step.inputs[k] == number for k in updated_inputs(step.op))
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
    kept = {kept_in(run.steps[base]): name for base, name in names.items()}
    kept.pop(("", ""), None)
    return {
        step.index: step.name
        or lines.get(_begun_at(step))
        or holders.get(_holder(step))
        or kept[kept_in(step)]
        for step in run.steps
        if step.index not in names and made[step.index]
        # W.T is no other parameter, nor is what is left of a W that decays.
        if without_zeros(run, array_shown(run, step.index)) not in names
        if names.keys().isdisjoint(before_decays(run, step.index))
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
            and (_holder(step) in holders or _begun_at(step) in lines or kept_in(step) in kept)
        )
        if not all(map(made.__getitem__, run.readers_through(step.index, SHOWN)))
    }


def _with_gradients(run: Run, made: Sequence[bool]) -> dict[int, str]:
    """Return the constant arrays that are called like parameters, where nothing is updated but an
    array of the shape of each is a result.
    """
    # Of a function without arguments nothing changes with a source yet.
    computed = run.moves if any(run.moves) else [not each for each in made]
    first = computed.index(True) if any(computed) else len(run.steps)
    results = [run.steps[e.index] for e in (*run.returned, *run.state)]
    # The sum of an upstream gradient is made of constants, too.
    shapes = {e.value.shape for e in results if e.op and e.index > first}
    found = [
        step
        for step in run.steps
        if made[step.index] and step.value.dtype.kind == "f" and step.value.size > 1
        if step.value.shape in shapes and (step.value.any() or _is_added(run, step.index))
        if any(computed[each] for each in run.readers_through(step.index, SHOWN))
    ]
    names = {each.name or run.steps[each.index].name for each in run.returned}
    named = [
        each
        for each in found
        if is_called_parameter(_name_of(each)) or _has_gradient(_name_of(each), names)
    ]
    # A list of weights has no name for each. What entries are added to is a gradient.
    shapes -= {each.value.shape for each in (*named, *map(run.steps.__getitem__, run.sources))}
    filled = {e.inputs[0] for e in run.steps if e.op in ("setitem", "add_at")}
    named += [e for e in found if e.value.shape in shapes and run.whole_of(e.index) not in filled]
    return {each.index: _name_of(each) for each in named}


def _has_gradient(name: str, results: Collection[str]) -> bool:
    """Whether a result has the name of the gradient of an array: dL_dx or grad_x of x."""
    last = re.escape(last_name(name))
    return any(re.fullmatch(rf"(.*_)?(d|grad|delta)_?{last}", last_name(each)) for each in results)


def _name_of(step: Step) -> str:
    """Return what a parameter is called that the run makes: its name, or that of its list."""
    held_in, key = kept_in(step)
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
        added = step.inputs[1:2] if step.op == "add_at" else terms_written(run, step, base, wholes)
        return [(base, other) for other in added] if made[base] else []
    if step.op not in ("add", "subtract"):
        return []
    found = []
    for k in updated_inputs(step.op):
        for base in before_decays(run, step.inputs[k]):
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


def _without_object(path: str) -> str:
    """Return "W[0]" of "net.W[0]"."""
    return path.rpartition(".")[2]
