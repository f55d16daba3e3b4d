"""Find the line of each submitted array: by its name, by how its program counts layers, by value.

A name alone may not be enough. Programs count layers from 0, from the input (delta2 is the hidden
layer) or from the output; and a name such as ``foo`` says nothing. Then the values decide, and a
note says how the name was read.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import OF_A, OF_B, OF_W, OF_Z, named
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.spellings import MAX_NAME, Spelling, known_id, spellings

# Values of layers, and values of the connections between them: each kind is counted on its own.
_UNITS = ("z", "a", OF_Z, OF_A)
# Lines with a shape that others seldom have.
_RECOGNISED_BY_SHAPE = (OF_W, OF_B, *_UNITS)
_FAMILIES = (_UNITS, ("W", "b", OF_W, OF_B))
_ERROR = re.compile(r"err|feil", re.IGNORECASE)
# (name, line id) -> whether the array has the shape of the line, whether it has its numbers.
Fits = Callable[[str, str], bool]
# A quantity, and the list whose entries are of it, or "".
_Group = tuple[str, str]


def shown(line: str) -> str:
    """Return a line in the notation of the page: "∂C/∂W⁽¹⁾", "W⁽¹⁾ after the update"."""
    name = named(line)
    return name.of[0].plain + texts.AFTER_UPDATE if name.quantity == "updated" else name.plain


class Naming:
    """Line ids by submitted name, and notes on names that were read in an unusual way.

    ``lines`` are the lines of the working. A name that stands for a given (X, a0) has the id "":
    its array is no line of the working. Raises InvalidInput naming ``submitted.<name>`` for a name
    without a line, or a second name for the same line.
    """

    def __init__(
        self, given: list[str], lines: Mapping[str, object], depth: int, fits: Fits, equals: Fits
    ) -> None:
        self.lines, self.depth, self.fits, self.equals = lines, depth, fits, equals
        self.meant = {name: _meanings(name, lines, depth) for name in given}
        first = {name: found[0] for name, found in self.meant.items() if found}
        changed = renumbered(first, depth)
        if changed == first:
            for family in _FAMILIES:
                members = {
                    n: s
                    for n, s in first.items()
                    if s.quantity in family and isinstance(s.layer, int)
                }
                changed |= self._by_value(members)
        for name, spelling in changed.items():
            self.meant[name] = (spelling, *self.meant[name][1:])
        self.ids: dict[str, str] = {}
        self.notes = list(self._numbering_note(first, changed))
        for name in given:
            self._assign(name)
        self._assign_rest(self.equals, texts.read_by_numbers, only=False)
        self._assign_rest(self._has_telling_shape, texts.read_by_shape, only=True)
        for name in self._left():
            raise unknown_line(name, lines, depth)

    def _has_telling_shape(self, name: str, line: str) -> bool:
        return named(line).kind in _RECOGNISED_BY_SHAPE and self.fits(name, line)

    def _left(self) -> list[str]:
        """Return the names without a line."""
        return [name for name in self.meant if name not in self.ids]

    def _numbering_note(
        self, first: Mapping[str, Spelling], changed: Mapping[str, Spelling]
    ) -> Iterable[Note]:
        example = next((name for name in changed if changed[name] != first[name]), None)
        if example is None:
            return
        new, old = int(changed[example].layer or 0), int(first[example].layer or 0)
        line = changed[example].line_id(self.depth) or ""
        read_as = texts.THE_INPUT if new == 0 else shown(line)
        how = {1: texts.FROM_0, -1: texts.FROM_INPUT}.get(new - old, texts.IN_ANOTHER_WAY)
        message = texts.layer_count(how, example[:MAX_NAME], read_as)
        yield Note("numbering", message, line if line in self.lines else None)

    def _by_value(self, members: Mapping[str, Spelling]) -> dict[str, Spelling]:
        """Return the members with the numbering under which all of them are right, if there is one.

        Where the shapes do not fit the numbers as written, one under which all shapes fit and more
        are right counts too.
        """

        def count(changed: Mapping[str, Spelling], test: Fits) -> int:
            ids = {name: spelling.line_id(self.depth) or "" for name, spelling in changed.items()}
            return sum(line in self.lines and test(name, line) for name, line in ids.items())

        first = count(members, self.equals)
        if self.depth == 1 or first == len(members):
            return {}
        shape_decides = count(members, self.fits) < len(members)
        numbers = {name: int(spelling.layer or 0) for name, spelling in members.items()}
        for shifts in (
            dict.fromkeys(numbers, -1),
            dict.fromkeys(numbers, 1),
            {name: self.depth + 1 - 2 * layer for name, layer in numbers.items()},
        ):
            changed = {name: spelling.shifted(shifts[name]) for name, spelling in members.items()}
            right = count(changed, self.equals)
            if right == len(changed) or (
                shape_decides and right > first and count(changed, self.fits) == len(changed)
            ):
                return changed
        return {}

    def _assign(self, name: str) -> None:
        """Assign the line that a name stands for, if it is known."""
        meanings = self.meant[name]
        possible = self._possible(name)
        if meanings and meanings[0].quantity == "a" and meanings[0].layer == 0:
            self.ids[name] = ""
            return
        if not possible:
            return
        line = possible[0]
        if len(possible) > 1 and not self.equals(name, line):
            # Two meanings of one spelling: the numbers, then the shapes decide.
            line = next((other for other in possible if self.equals(name, other)), line)
            if not self.fits(name, line):
                line = next((other for other in possible if self.fits(name, other)), line)
        holders = {held: holder for holder, held in self.ids.items()}
        if line in holders:
            # One of the two names may have another meaning: an error beside a delta is ∂C/∂a.
            holder = holders[line]
            own, others = self._free(name, holders), self._free(holder, holders)
            if others is not None and (
                own is None or self._gives_way(holder, line, others, name, own)
            ):
                self.ids[holder] = others
            elif own is not None:
                line = own
            else:
                raise InvalidInput(f"submitted.{name[:MAX_NAME]}", texts.submitted_twice(line))
        self.ids[name] = line

    def _possible(self, name: str) -> list[str]:
        return _possible_lines(name, self.meant[name], self.lines, self.depth)

    def _free(self, name: str, taken: Collection[str]) -> str | None:
        """Return the most likely line of a name that is not taken and has the shape."""
        free = (line for line in self._possible(name) if line not in taken)
        return next((line for line in free if self.fits(name, line)), None)

    def _gives_way(self, holder: str, line: str, others: str, name: str, own: str) -> bool:
        """Whether the holder of ``line`` is better read as ``others`` than ``name`` as ``own``."""
        given_up = self.equals(holder, others) + self.equals(name, line)
        kept = self.equals(holder, line) + self.equals(name, own)
        is_error = _ERROR.search(holder) is not None and named(others).gradient_of == "a"
        return given_up > kept or (given_up == kept and is_error)

    def _assign_rest(self, test: Fits, message: Callable[[str, str], str], *, only: bool) -> None:
        """Assign names that are not known to the first line that passes a test.

        With ``only``, if no other line does and no other such name has its shape.
        """
        left = self._left()
        for name in left:
            taken = set(self.ids.values())
            kinds = {s.quantity for s in self.meant[name] if s.layer is None}
            found = [
                line
                for line in self.lines
                if line not in taken
                and (not kinds or named(line).kind in kinds)
                and test(name, line)
            ]
            others = [other for other in left if other != name] if only else []
            if not found or (only and len(found) > 1):
                continue
            if not any(self.fits(other, found[0]) for other in others):
                self.ids[name] = found[0]
                text = message(name[:MAX_NAME], shown(found[0]))
                self.notes.append(Note("read_as", text, found[0]))


def lines_of_names(given: Iterable[str], lines: Mapping[str, object], depth: int) -> dict[str, str]:
    """Return the line id of each name, as far as the names tell it; ``depth`` 0 is not known.

    Of two names of one line, one may have another meaning: an error beside a delta is ∂C/∂a, an
    activation beside an output is z.
    """
    meant = {name: _meanings(name, lines, depth) for name in given}
    first = {name: found[0] for name, found in meant.items() if found}
    for name, spelling in (renumbered(first, depth) if depth else {}).items():
        if spelling != first[name]:
            meant[name] = (spelling,)
    possible = {name: _possible_lines(name, found, lines, depth) for name, found in meant.items()}
    claimed = Counter(found[0] for found in possible.values() if found)
    found: dict[str, str] = {}
    for name, (line, *others) in ((name, some) for name, some in possible.items() if some):
        other = others[0] if others and claimed[line] > 1 and not claimed[others[0]] else line
        found[name] = other if named(other).kind in (OF_A, "z") else line
    return found


def _meanings(name: str, lines: Mapping[str, object], depth: int) -> tuple[Spelling, ...]:
    """Return the spellings of a name; none for a line that is called by its own id."""
    found = spellings(name)
    if name in lines and not (found and found[0].line_id(depth) == name):
        return ()
    return found


def renumbered(spelled: Mapping[str, Spelling], depth: int) -> dict[str, Spelling]:
    """Return the spellings with layers from 1 to ``depth``, as far as their numbers show it.

    A number 0 shows that layers are counted from 0, a number ``depth`` + 1 that the input counts.
    """
    numbers: dict[_Group, set[int]] = {}
    for name, spelling in spelled.items():
        if isinstance(spelling.layer, int):
            numbers.setdefault(_group(name, spelling), set()).add(spelling.layer)
    from_input = _groups_from_input(numbers, depth)
    changed = dict(spelled)
    for name, spelling in spelled.items():
        if not isinstance(spelling.layer, int):
            continue
        group = _group(name, spelling)
        found = numbers[group]
        if 0 in found and max(found) < depth and (found != {0} or group != ("a", "")):
            changed[name] = spelling.shifted(1)
        elif group in from_input:
            changed[name] = spelling.shifted(-1)
    return changed


def _groups_from_input(numbers: Mapping[_Group, set[int]], depth: int) -> set[_Group]:
    """Return the kinds of names in which layer 1 is the input."""
    found = {
        (quantity, of)
        for (quantity, of), layers in numbers.items()
        if max(layers) == depth + 1 and min(layers) >= (1 if quantity == "a" else 2)
    }
    units = {(each, "") for each in _UNITS} & numbers.keys()
    if found & units and all(min(numbers[group]) > 1 for group in units - {("a", "")}):
        # z2, a2 and delta2 belong together; a1 is then the input.
        found |= {group for group in units if min(numbers[group]) >= 1}
    return found


def _group(name: str, spelling: Spelling) -> _Group:
    """Return the kind of names that are counted together: one quantity, or one list."""
    return spelling.quantity, name[: max(0, name.find("["))]


def _possible_lines(
    name: str, meanings: tuple[Spelling, ...], lines: Mapping[str, object], depth: int
) -> list[str]:
    """Return the lines of this working that a name may stand for, the most likely first."""
    candidates = [s.line_id(depth) for s in meanings] or [known_id(name, lines, depth)]
    return [line for line in candidates if line is not None and line in lines]


def unknown_line(name: str, known: Iterable[str], depth: int) -> InvalidInput:
    """Return the error for an unknown line, with a suggestion of a line of the same kind."""
    lines = list(known)
    meanings = spellings(name)
    kind = meanings[0].quantity if meanings else None
    same_kind = [n for n in lines if named(n).kind == kind] if kind else lines
    near = sorted(same_kind, key=lambda line: named(line).layer or 0)[-1:]
    if not kind:
        near = difflib.get_close_matches(name[:MAX_NAME], lines, n=1, cutoff=0.75)
    hint = texts.did_you_mean(near[0]) if near else ""
    if meanings and meanings[0].updated and not any(named(n).quantity == "updated" for n in lines):
        hint = texts.CHOOSE_OPTIMIZER
    elif kind in ("W", "b", "x", "target") and not meanings[0].updated:
        hint = texts.GIVEN_LINE
    elif meanings and meanings[0].layer is None and same_kind and kind != "C":
        hint = texts.add_layer(same_kind[0])
    end = "" if hint.endswith("?") else "."
    shown_names = ", ".join(lines[:40]) + (", …" if len(lines) > 40 else "")
    message = texts.no_such_line(hint, end, shown_names)
    return InvalidInput(f"submitted.{name[:MAX_NAME]}", message)
