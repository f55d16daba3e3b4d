"""Ask questions, take answers, reveal, and count."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Any

import orjson

from backprop_explorer.classroom.access import OpenRoom
from backprop_explorer.classroom.codes import seed_of
from backprop_explorer.classroom.marking import PATIENCE_SECONDS, QUESTIONS, Marking, outcome
from backprop_explorer.classroom.requests import QuestionRequest, RoomAnswerRequest, StateRequest
from backprop_explorer.classroom.room import (
    AskedQuestion,
    LastQuestion,
    Prepared,
    QuestionState,
    Room,
    ShownQuestion,
)
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import QUESTION, Kept, answers_to
from backprop_explorer.classroom.tally import (
    Counted,
    Uncounted,
    about,
    as_csv,
    counted,
    counts,
    read,
)
from backprop_explorer.compute.pool import Pool
from backprop_explorer.engine.errors import Conflict, LimitExceeded, NotFound, NotReached
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.texts import classroom as texts


class Asking:
    """Questions and answers of all rooms. ``pool`` marks."""

    def __init__(self, rooms: Rooms, pool: Pool) -> None:
        self._rooms = rooms
        self._pool = pool
        self.marking = Marking(rooms, pool)
        rooms.streams.counted = self._counted

    async def ask(self, code: str, request: QuestionRequest) -> AskedQuestion:
        """Ask a question; the one before is closed. The same request again asks nothing new.

        Raises NotReached if the experiment has to be trained further than one request may.
        """
        began = time.perf_counter()
        while True:
            try:
                prepared: Prepared = await self._pool.submit(QUESTIONS.prepare, request)
                break
            except NotReached:
                if time.perf_counter() - began >= self._pool.budget:
                    raise
        most = self._rooms.limits.max_questions
        wanted = hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:32]

        def edit(store: RoomStore, room: Room) -> Room:
            last = room.asked
            if last is not None and last.state == "open" and last.request == wanted:
                return room
            if room.questions >= most:
                raise LimitExceeded("kind", texts.QUESTIONS_IN_ROOM, most)
            if last is not None and last.state == "open":
                _set_state(store, code, last.number, "closed")
            shown, text, scene, solution = prepared.shown or (None, [], None, None)
            asked = LastQuestion(
                number=room.questions + 1,
                state="open",
                kind=prepared.kind,
                line=prepared.line,
                own_numbers=request.own_numbers,
                feedback=request.feedback,
                shown=shown,
                at=time.time(),
                request=wanted,
            )
            more = {"spec": prepared.spec, "text": text, "scene": scene, "solution": solution}
            question = AskedQuestion(**{**asked.model_dump(), **more})
            content = question.model_dump_json().encode()
            store.put(code, QUESTION, str(question.number), content, most)
            changes: dict[str, Any] = {"asked": asked, "questions": question.number}
            if room.scene is not None:
                # An answer to the question before is no longer spoken about.
                changes["scene"] = room.scene.model_copy(update={"answer": None})
            return room.model_copy(update=changes)

        found = await self._rooms.change(code, edit)
        await self._rooms.tell_tally(code)
        return await self.question(found, found.room.questions)

    async def question(self, found: OpenRoom, number: int) -> AskedQuestion:
        """Return a question of the room. Raises NotFound."""
        get = partial(_question, code=found.code, number=number)
        return await self._rooms.store.call(get)

    async def set_state(self, code: str, number: int, request: StateRequest) -> OpenRoom:
        """Open, close or reveal a question. Only the last one can be opened again.

        What was revealed stays revealed. Raises NotFound or Conflict.
        """
        state = request.state

        def edit(store: RoomStore, room: Room) -> Room:
            question = _question(store, code=code, number=number)
            if question.state == state:
                return room
            if question.state == "revealed":
                raise Conflict(texts.QUESTION_REVEALED)
            asked = room.asked
            if asked is None or asked.number != number:
                raise Conflict(texts.ONLY_LAST_QUESTION)
            _set_state(store, code, number, state)
            changes: dict[str, Any] = {"state": state}
            if state == "revealed":
                answers = store.entries(code, answers_to(number)).values()
                changes["solution"] = question.solution
                changes["counts"] = counts(map(orjson.loads, answers))
            return room.model_copy(update={"asked": asked.model_copy(update=changes)})

        found = await self._rooms.change(code, edit)
        await self._rooms.tell_tally(code)
        return found

    async def with_numbers(self, found: OpenRoom, number: int, seed: Seed) -> dict[str, Any]:
        """Return a question with the numbers of a seed of the tally, for the lecturer."""
        question = await self.question(found, number)
        shown: ShownQuestion | None = None
        if question.own_numbers:
            shown = await self._pool.submit(QUESTIONS.show, question.spec, seed)
        return _for_one(question, shown, None, revealed=True)

    async def for_student(
        self, found: OpenRoom, student: str | None, number: int
    ) -> dict[str, Any]:
        """Return a question with the student's own numbers, and what became of the answer.

        The answer and the mark of a question that tells at its reveal are left out before.
        """
        question = await self.question(found, number)
        kept = None
        if student is not None:
            content = await self._rooms.store.call(
                lambda store: store.get(found.code, answers_to(number), student)
            )
            kept = None if content is None else orjson.loads(content)
        shown: ShownQuestion | None = None
        if question.own_numbers and student is not None:
            seed = seed_of(found.room.secret, number, student)
            solved = question.state == "revealed"
            task = self._pool.submit(QUESTIONS.show, question.spec, seed, solved, experiment=seed)
            shown = await task
        return _for_one(question, shown, kept, revealed=question.state == "revealed")

    async def answer(
        self, found: OpenRoom, student: str, request: RoomAnswerRequest
    ) -> dict[str, Any]:
        """Mark and keep an answer; return its receipt. The same attempt again changes nothing.

        Raises NotFound, Conflict if the question is closed, InvalidInput for the field ``answer``.
        """
        number, code = request.question, found.code

        def look(store: RoomStore) -> tuple[AskedQuestion, bytes | None]:
            kept = store.get(code, answers_to(number), student)
            return _question(store, code=code, number=number), kept

        question, before = await self._rooms.store.call(look)
        if before is not None:
            kept = orjson.loads(before)
            if kept["attempt"] >= request.attempt:
                return _receipt(question, kept)
        if question.state != "open":
            raise Conflict(texts.QUESTION_CLOSED)
        seed = seed_of(found.room.secret, number, student) if question.own_numbers else None
        # Who is told at once is told the mistake, too, unless there are many.
        whole = question.feedback == "at_once" and self.marking.idle
        marked = await self.marking.mark(question.spec, seed, request.answer, whole=whole)
        content = orjson.dumps(
            {
                "attempt": request.attempt,
                "answer": request.answer,
                "seed": seed,
                "at": time.time(),
                **outcome(marked),
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )

        def keep(store: RoomStore) -> Kept:
            done = store.answer(code, number, student, request.attempt, content)
            if done.fresh:
                store.publish(code, "tally")
            return done

        done = await self._rooms.store.call(keep)
        if done.content is None:
            raise Conflict(texts.QUESTION_CLOSED)
        if done.fresh:
            self._rooms.streams.listeners.changed(code, "tally")
            if not marked.diagnosed:
                self.marking.diagnose_soon(code, number)
        return _receipt(question, orjson.loads(done.content))

    def _counted(self, code: str, tally: dict[str, Any]) -> None:
        """Diagnose what a server that was killed left undone."""
        asked = tally["question"]
        if asked is not None and asked["undiagnosed"]:
            self.marking.diagnose_soon(code, asked["number"], PATIENCE_SECONDS)

    async def tally(self, found: OpenRoom, number: int | None) -> bytes:
        """Return the lecturer's view of a question, by default of the last one, as JSON."""
        if number is None:
            last = await self._rooms.streams.last_tally(found.code)
        else:
            last = await self._count(found.code, number)
        if last is None:
            raise NotFound(texts.NO_ROOM)
        self._counted(found.code, last.tally)
        return last.content

    async def table(self, found: OpenRoom) -> str:
        """Return the tally of all questions as CSV."""
        numbers = range(1, found.room.questions + 1)
        tallies = [await self._count(found.code, number) for number in numbers]
        rows = [each.tally for each in tallies if each is not None]
        return as_csv([each["question"] for each in rows], rows[-1]["students"] if rows else 0)

    async def _count(self, code: str, number: int) -> Counted | None:
        def work(store: RoomStore) -> Uncounted:
            return read(store, code, _question(store, code=code, number=number))

        return await self._rooms.streams.counts.shared((code, number), work, counted)


def _question(store: RoomStore, *, code: str, number: int) -> AskedQuestion:
    content = store.get(code, QUESTION, str(number))
    if content is None:
        raise NotFound(texts.NO_QUESTION)
    return AskedQuestion.model_validate_json(content)


def _set_state(store: RoomStore, code: str, number: int, state: QuestionState) -> None:
    content = store.get(code, QUESTION, str(number))
    if content is not None:
        fields = orjson.loads(content)
        store.put(code, QUESTION, str(number), orjson.dumps({**fields, "state": state}), 0)


def _for_one(
    question: AskedQuestion,
    own: ShownQuestion | None,
    kept: dict[str, Any] | None,
    *,
    revealed: bool,
) -> dict[str, Any]:
    """A question for one person; ``own``: with numbers of one's own, ``kept``: the answer."""
    shared = (question.shown, question.text, question.scene, question.solution)
    shown, text, scene, solution = shared if own is None else own
    return {
        **about(question),
        "feedback": question.feedback,
        "shown": shown,
        "card": orjson.loads(question.spec)["card"] or None,
        "text": text,
        "scene": scene,
        "attempt": None if kept is None else kept["attempt"],
        "answer": None if kept is None else kept["answer"],
        "mark": _told(question, kept),
        "solution": solution if revealed else None,
    }


def _told(question: AskedQuestion, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """The mark, if the student may know it by now."""
    if kept is None or not (question.feedback == "at_once" or question.state == "revealed"):
        return None
    return {"verdict": kept["verdict"], **kept["mark"]}


def _receipt(question: AskedQuestion, kept: dict[str, Any]) -> dict[str, Any]:
    return {"question": question.number, "attempt": kept["attempt"], "mark": _told(question, kept)}
