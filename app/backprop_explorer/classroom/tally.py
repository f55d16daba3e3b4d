"""What the lecturer sees of a class: counts, mistakes by line, words by likeness, places.

No student is named.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from backprop_explorer.classroom.room import LastQuestion, Room
from backprop_explorer.classroom.store.base import OFFER, PLACE, STUDENT, RoomStore, answers_to

# A student who reported no place for so long is not here: two reports and a half.
HERE_SECONDS = 75.0
MOST_ANSWERS = 10
MOST_PLACES = 40
VERDICTS = ("right", "close", "wrong")
# Characters of an answer, as JSON, that the tally shows.
MAX_EXAMPLE = 2_000

Entries = Mapping[str, bytes]


class Uncounted(NamedTuple):
    """What a tally is made of, as the store has it."""

    asked: LastQuestion | None
    answers: Entries
    places: Entries
    offers: Entries
    students: int


class Counted(NamedTuple):
    """A tally, its JSON, and the question that it is of."""

    tally: dict[str, Any]
    content: bytes
    asked: LastQuestion | None


def read(store: RoomStore, code: str, asked: LastQuestion | None) -> Uncounted:
    """Read what is kept of a room and of a question."""
    return Uncounted(
        asked,
        {} if asked is None else store.entries(code, answers_to(asked.number)),
        store.entries(code, PLACE),
        store.entries(code, OFFER),
        len(store.names(code, STUDENT)),
    )


def counted(kept: Uncounted | None) -> Counted | None:
    """Return the tally of what is kept, None of no room."""
    if kept is None:
        return None
    found = tally(kept)
    return Counted(found, orjson.dumps(found), kept.asked)


def tally(kept: Uncounted) -> dict[str, Any]:
    """Return the lecturer's view."""
    asked = kept.asked
    answers = {name: orjson.loads(content) for name, content in kept.answers.items()}
    now = time.time()
    here = here_now(kept.places)
    is_open = asked is not None and asked.state == "open"
    # Who has answered, or has nothing to answer, is not stuck.
    waiting = [name for name in here if name not in answers] if is_open else []
    return {
        "students": kept.students,
        "here": len(here),
        "stuck_seconds": max((round(now - here[name]["since"]) for name in waiting), default=None),
        "places": _places(here.values(), now),
        "offers": _offers(kept.offers, now),
        "question": None if asked is None else of_answers(asked, answers.values(), now),
    }


def here_now(places: Entries) -> dict[str, Any]:
    """Return the places of the students who are here."""
    now = time.time()
    read = {name: orjson.loads(each) for name, each in places.items()}
    return {name: at for name, at in read.items() if now - at["seen"] <= HERE_SECONDS}


def just_joined(students: Entries) -> set[str]:
    """Return the students who joined so recently that their page need not have told its place."""
    late = time.time() - HERE_SECONDS
    return {name for name, each in students.items() if orjson.loads(each)["joined"] >= late}


def about(question: LastQuestion) -> dict[str, Any]:
    """Return what all are told of a question, beside what it asks."""
    told = {"number", "state", "kind", "line", "own_numbers", "again"}
    return question.model_dump(include=told)


def counts(answers: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many answers are right, close and wrong."""
    found = Counter(each["verdict"] for each in answers)
    return {verdict: found[verdict] for verdict in VERDICTS}


def chosen(question: LastQuestion, answers: Iterable[Mapping[str, Any]]) -> list[int] | None:
    """Return how many chose each option; None if it has none, or each student has other ones."""
    if question.shown is None or question.shown["kind"] != "choice":
        return None
    found = Counter(each["answer"] for each in answers if type(each["answer"]) is int)
    return [found[k] for k in range(len(question.shown["options"]))]


def of_answers(
    question: LastQuestion, answers: Iterable[Mapping[str, Any]], now: float
) -> dict[str, Any]:
    """Return the counts of a question's answers, its mistakes by line, and common answers."""
    answers = list(answers)
    texts_given = [each["answer"] for each in answers if question.kind == "text"]
    last = max((each["at"] for each in answers), default=None)
    return {
        **about(question),
        "seconds_left": question.seconds_left,
        "before": question.before,
        "bars": question.bars,
        "options": chosen(question, answers),
        "groups": collected(texts_given),
        "answered": len(answers),
        **counts(answers),
        "last_seconds": None if last is None else max(0, round(now - last)),
        "undiagnosed": sum(not each["diagnosed"] for each in answers),
        "mistakes": _mistakes(each for each in answers if each["diagnosed"]),
        "answers": _common(answers),
    }


def _mistakes(answers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each named mistake at each line, with a typical answer, the most frequent first."""
    found: dict[tuple[str | None, str | None], list[Mapping[str, Any]]] = defaultdict(list)
    for each in answers:
        if each["verdict"] not in ("right", "unmarked"):
            found[each["misconception"], each["line"]].append(each)
    rows: list[dict[str, Any]] = [
        {
            "misconception": name,
            "title": _title(name),
            "line": line,
            "count": len(those),
            "example": _typical(those),
        }
        for (name, line), those in found.items()
    ]
    return sorted(rows, key=_order)


def _title(misconception: str | None) -> str | None:
    if misconception is None:
        return None
    # Not needed before a class has made a mistake.
    from backprop_explorer.tutor.mistakes import MISCONCEPTIONS

    found = MISCONCEPTIONS.get(misconception)
    return None if found is None else found.title


def _order(row: Mapping[str, Any]) -> tuple[bool, int, str, str]:
    return (
        row["misconception"] is None,
        -row["count"],
        row["misconception"] or "",
        row["line"] or "",
    )


def _typical(answers: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The answer that most of them gave; None if it is too long to show."""
    common = _common(answers, 1)
    if not common:
        return None
    first = common[0]
    seed = next((each["seed"] for each in answers if each["answer"] == first["answer"]), None)
    return {"answer": first["answer"], "seed": seed, "count": first["count"]}


def _common(answers: Iterable[Mapping[str, Any]], most: int = MOST_ANSWERS) -> list[dict[str, Any]]:
    """The most frequent answers, those that are not too long to show."""
    contents: dict[bytes, Mapping[str, Any]] = {}
    number: Counter[bytes] = Counter()
    for each in answers:
        text = orjson.dumps(each["answer"])
        if len(text) <= MAX_EXAMPLE:
            contents.setdefault(text, each)
            number[text] += 1
    return [
        {"answer": contents[text]["answer"], "verdict": contents[text]["verdict"], "count": count}
        for text, count in number.most_common(most)
    ]


def _places(places: Iterable[Mapping[str, Any]], now: float) -> list[dict[str, Any]]:
    found: dict[tuple[str | None, str | None], list[float]] = defaultdict(list)
    for each in places:
        found[each["line"], each["card"]].append(each["since"])
    rows: list[dict[str, Any]] = [
        {
            "line": line,
            "card": card,
            "count": len(since),
            "longest_seconds": max(0, round(now - min(since))),
        }
        for (line, card), since in found.items()
    ]
    return sorted(rows, key=lambda row: -row["count"])[:MOST_PLACES]


def _offers(offers: Entries, now: float) -> list[dict[str, Any]]:
    read = sorted((orjson.loads(each) for each in offers.values()), key=lambda each: each["at"])
    return [{"view": each["view"], "seconds": max(0, round(now - each["at"]))} for each in read]


def on_screen(room: Room, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the hall sees: nothing that the lecturer has not chosen to show.

    How a question is answered is there once it is closed, or if the lecturer says so before.
    """
    asked, counted_one = room.asked, found["question"]
    question = None
    if asked is not None and counted_one is not None and counted_one["number"] == asked.number:
        told = asked.state != "open" or asked.bars
        question = {
            **asked.public(),
            "answered": counted_one["answered"],
            "options": counted_one["options"] if told else None,
            "before": asked.before if told else None,
        }
    scene = room.scene
    answer = None
    if scene is not None and scene.answer is not None:
        answer = scene.answer.model_dump(exclude_none=True)
        answer.setdefault("answer", None)  # may be null
    return {
        "students": found["students"],
        "here": found["here"],
        "question": question,
        "answer": answer,
        # Where the answer's working is; of what is on show only for its sake.
        "view": scene.view if scene is not None and answer is not None else None,
    }


# Texts are alike if they share so much of their letters in threes (Dice's coefficient).
LIKE = 0.55
# Beyond so many groups a text that is like none of them is counted with the rest.
MOST_GROUPS = 40
# How many other spellings of a group are told.
MOST_SPELLINGS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]+")


def collected(answers: Iterable[str]) -> list[dict[str, Any]]:
    """Return groups of texts that are alike: text, count, other spellings; the largest first.

    The text of a group is its most frequent one.
    """
    number = Counter(_CONTROL.sub(" ", text).strip() for text in answers)
    groups: list[tuple[frozenset[str], Counter[str]]] = []
    rest = 0
    for text, count in number.most_common():
        letters = _threes(text)
        best = max(groups, key=lambda each: _alike(each[0], letters), default=None)
        if best is not None and _alike(best[0], letters) >= LIKE:
            best[1][text] += count
        elif len(groups) < MOST_GROUPS:
            groups.append((letters, Counter({text: count})))
        else:
            rest += count
    found: list[dict[str, Any]] = [
        {"text": first, "count": spelled.total(), "others": others[:MOST_SPELLINGS]}
        for spelled in (each for _, each in groups)
        for first, *others in [[text for text, _ in spelled.most_common()]]
    ]
    found.sort(key=lambda each: -each["count"])
    return [*found, {"text": None, "count": rest, "others": []}] if rest else found


@lru_cache(maxsize=4096)
def _threes(text: str) -> frozenset[str]:
    """The letters in threes, without case, accents and signs; words in any order are alike."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    padded = [f" {word} " for word in words.split()] or [text]
    return frozenset(word[k : k + 3] for word in padded for k in range(max(1, len(word) - 2)))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
