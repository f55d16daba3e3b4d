"""Ask questions, take answers, reveal, and count."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from backprop_explorer.classroom.access import OpenRoom
from backprop_explorer.classroom.codes import seed_of
from backprop_explorer.classroom.marking import PATIENCE_SECONDS, QUESTIONS, Marking, outcome
from backprop_explorer.classroom.record import recorded, whole_record
from backprop_explorer.classroom.requests import (
    QuestionRequest,
    RoomAnswerRequest,
    ScreenRequest,
    StateRequest,
)
from backprop_explorer.classroom.room import (
    AskedQuestion,
    LastQuestion,
    Prepared,
    Room,
    ShownQuestion,
)
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import PLACE, QUESTION, STUDENT, Kept, answers_to
from backprop_explorer.classroom.tally import (
    Counted,
    Uncounted,
    about,
    chosen,
    counted,
    counts,
    here_now,
    just_joined,
    read,
)
from backprop_explorer.compute.pool import Pool
from backprop_explorer.engine.errors import Conflict, LimitExceeded, NotFound, NotReached
from backprop_explorer.lessons.seed import Seed
from backprop_explorer.texts import classroom as texts

# After a question was closed, answers that were sent before are taken for so long.
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.1
# What a second round of a question has not yet.
_NOT_YET: dict[str, Any] = dict.fromkeys(("ends", "pressed", "closed", "counts")) | {"bars": False}


class Asking:
    """Questions and answers of all rooms. ``pool`` marks."""

    def __init__(self, rooms: Rooms, pool: Pool) -> None:
        self._rooms = rooms
        self._pool = pool
        self.marking = Marking(rooms, pool)
        # By room and question.
        self._timers: dict[tuple[str, int], asyncio.Task[None]] = {}
        rooms.streams.counted = self._counted

    async def ask(self, room: OpenRoom, request: QuestionRequest) -> AskedQuestion:
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
        wanted = hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:32]
        shown, text, scene, solution = prepared.shown or (None, [], None, None)
        question = AskedQuestion(
            number=0,
            state="open",
            kind=prepared.kind,
            line=prepared.line,
            own_numbers=request.own_numbers,
            feedback=request.feedback,
            shown=shown,
            request=wanted,
            spec=prepared.spec,
            text=text,
            scene=scene,
            solution=solution,
            prompt=prepared.prompt,
            options=prepared.options,
        )
        return await self._ask(room.code, question)

    async def again(self, found: OpenRoom, number: int) -> AskedQuestion:
        """Ask a question a second time, of each student with the same numbers. Raises NotFound."""
        first = await self.question(found, number)
        fresh = {"again": first.again or number, "request": f"again:{first.again or number}"}
        asked = first.model_copy(update={**fresh, "state": "open", **_NOT_YET})
        return await self._ask(found.code, asked, first)

    async def _ask(
        self, code: str, question: AskedQuestion, first: AskedQuestion | None = None
    ) -> AskedQuestion:
        most = self._rooms.limits.max_questions

        def edit(store: RoomStore, room: Room) -> Room:
            last = room.asked
            if last is not None and last.state == "open" and last.request == question.request:
                return room
            if room.questions >= most:
                raise LimitExceeded("kind", texts.QUESTIONS_IN_ROOM, most)
            if last is not None and last.state == "open":
                _change(store, code, last.number, {"state": "closed"})
            before = None if first is None else _round(store, code, first)
            now = {"number": room.questions + 1, "at": time.time(), "before": before}
            asked = question.model_copy(update=now)
            content = asked.model_dump_json().encode()
            store.put(code, QUESTION, str(asked.number), content, most)
            # Without its solution, which is told when it is revealed.
            open_one = asked.model_dump(include={*LastQuestion.model_fields} - {"solution"})
            changes: dict[str, Any] = {"questions": asked.number}
            changes["asked"] = LastQuestion.model_validate(open_one)
            if room.scene is not None:
                # An answer to the question before is no longer spoken about.
                changes["scene"] = room.scene.model_copy(update={"answer": None})
            return room.model_copy(update=changes)

        found = await self._rooms.change(code, edit)
        await self._rooms.tell_tally(code)
        return await self.question(found, found.room.questions)

    async def question(self, room: OpenRoom, number: int) -> AskedQuestion:
        """Return a question of the room. Raises NotFound."""
        get = partial(_question, code=room.code, number=number)
        return await self._rooms.store.call(get)

    async def set_state(self, code: str, number: int, request: StateRequest) -> OpenRoom:
        """Open, close or reveal a question, or say how long it is open. Only the last one.

        Answers that were sent before it was closed are taken for GRACE_SECONDS. An open question is
        closed, and revealed when these are there. What was revealed stays revealed. Raises NotFound
        or Conflict.
        """
        state, now = request.state, time.time()
        if state == "revealed":
            close = request.model_copy(update={"state": "closed"})
            early = await self.set_state(code, number, close)
            if early.room.asked is not None and early.room.asked.state == "closed":
                await self._last_answers(code, number, early.room.asked)

        def edit(store: RoomStore, room: Room) -> Room:
            question = _question(store, code=code, number=number)
            if question.state == state and (state != "open" or request.seconds is None):
                return room
            if question.state == "revealed":
                raise Conflict(texts.QUESTION_REVEALED)
            asked = room.asked
            if asked is None or asked.number != number:
                raise Conflict(texts.ONLY_LAST_QUESTION)
            changes = _changes(question, request, now)
            _change(store, code, number, changes)
            if state == "revealed":
                answers = store.entries(code, answers_to(number)).values()
                changes["solution"] = question.solution
                changes["counts"] = counts(map(orjson.loads, answers))
            return room.model_copy(update={"asked": asked.model_copy(update=changes)})

        changed = await self._rooms.change(code, edit)
        if changed.room.asked is not None:
            self._time(code, changed.room.asked)
        await self._rooms.tell_tally(code)
        return changed

    async def show_bars(self, code: str, request: ScreenRequest) -> OpenRoom:
        """Let the hall see how the open question is answered, or not. Raises Conflict."""

        def edit(store: RoomStore, room: Room) -> Room:
            del store
            if room.asked is None:
                raise Conflict(texts.NO_QUESTION)
            asked = room.asked.model_copy(update={"bars": request.bars})
            return room.model_copy(update={"asked": asked})

        found = await self._rooms.change(code, edit)
        await self._rooms.tell_tally(code)
        return found

    async def _last_answers(self, code: str, number: int, asked: LastQuestion) -> None:
        """Wait until answers that were sent before the question was closed are there.

        Until all who are here have answered, and at most GRACE_SECONDS: nobody knows whether the
        answer of a phone that has lost its connection is on its way.
        """

        def missing(store: RoomStore) -> bool:
            here = {*here_now(store.entries(code, PLACE))}
            here |= just_joined(store.entries(code, STUDENT))
            return bool(here - store.names(code, answers_to(number)))

        late = (asked.closed or 0.0) + GRACE_SECONDS
        for _ in range(round(GRACE_SECONDS / LOOK_SECONDS)):
            if time.time() >= late or not await self._rooms.store.call(missing):
                break
            await asyncio.sleep(LOOK_SECONDS)

    def _time(self, code: str, asked: LastQuestion) -> None:
        """Close a question when its time is up."""
        key = (code, asked.number)
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
        if asked.seconds_left is not None:
            self._timers[key] = asyncio.ensure_future(self._close_in_time(code, asked))
            self._timers[key].add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _close_in_time(self, code: str, asked: LastQuestion) -> None:
        # Not by the rounded seconds: an answer after an early end would count as sent before it.
        await asyncio.sleep(max(0.0, (asked.ends or 0.0) - time.time()))

        def edit(store: RoomStore, room: Room) -> Room:
            if room.asked is None or (room.asked.number, room.asked.ends) != (
                asked.number,
                asked.ends,
            ):
                return room
            closed = {"state": "closed", "pressed": asked.ends, "closed": time.time()}
            if room.asked.state == "open":
                _change(store, code, asked.number, closed)
                return room.model_copy(update={"asked": room.asked.model_copy(update=closed)})
            return room

        await self._rooms.change(code, edit)
        await self._rooms.tell_tally(code)
        self._timers.pop((code, asked.number), None)

    async def close(self) -> None:
        """End timers and diagnoses."""
        for timer in self._timers.values():
            timer.cancel()
        await self.marking.close()

    async def with_numbers(self, room: OpenRoom, number: int, seed: Seed) -> dict[str, Any]:
        """Return a question with the numbers of a seed of the tally, for the lecturer."""
        question = await self.question(room, number)
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
            seed = seed_of(found.room.secret, question.again or number, student)
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
        if question.state != "open" and not _is_early(question, request.age):
            raise Conflict(texts.QUESTION_CLOSED)
        first = question.again or number
        seed = seed_of(found.room.secret, first, student) if question.own_numbers else None
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

    def _counted(self, code: str, found: Counted) -> None:
        """Do what a server that was killed left undone: diagnoses, and the end of a timer."""
        if found.asked is None:
            return
        number = found.asked.number
        if found.tally["question"]["undiagnosed"]:
            self.marking.diagnose_soon(code, number, PATIENCE_SECONDS)
        if found.asked.ends is not None and (code, number) not in self._timers:
            self._time(code, found.asked)

    async def tally(self, found: OpenRoom, number: int | None) -> bytes:
        """Return the lecturer's view of a question, by default of the last one, as JSON."""
        if number is None:
            last = await self._rooms.streams.last_tally(found.code)
        else:
            last = await self._count(found.code, number)
        if last is None:
            raise NotFound(texts.NO_ROOM)
        self._counted(found.code, last)
        return last.content

    async def record(self, found: OpenRoom) -> dict[str, Any]:
        """Return all questions with their texts, options, counts and mistakes."""
        questions = []
        students = 0
        for number in range(1, found.room.questions + 1):
            question, last = (
                await self.question(found, number),
                await self._count(found.code, number),
            )
            if last is not None:
                students = last.tally["students"]
                questions.append(recorded(question, last.tally["question"]))
        return whole_record(found, students, questions)

    async def _count(self, code: str, number: int) -> Counted | None:
        def work(store: RoomStore) -> Uncounted:
            return read(store, code, _question(store, code=code, number=number))

        return await self._rooms.streams.counts.shared((code, number), work, counted)


def _question(store: RoomStore, *, code: str, number: int) -> AskedQuestion:
    content = store.get(code, QUESTION, str(number))
    if content is None:
        raise NotFound(texts.NO_QUESTION)
    return AskedQuestion.model_validate_json(content)


def _change(store: RoomStore, code: str, number: int, fields: Mapping[str, Any]) -> None:
    content = store.get(code, QUESTION, str(number))
    if content is not None:
        changed = orjson.dumps({**orjson.loads(content), **fields})
        store.put(code, QUESTION, str(number), changed, 0)


def _changes(question: AskedQuestion, request: StateRequest, now: float) -> dict[str, Any]:
    """Return the fields of a question that a request changes."""
    changes: dict[str, Any] = {"state": request.state}
    if request.state == "open":
        changes |= {"pressed": None, "closed": None}
        changes["ends"] = now + request.seconds if request.seconds else None
    elif question.state == "open":
        changes |= {"pressed": now - request.age, "closed": now}
    return changes


def _is_early(question: AskedQuestion, age: float) -> bool:
    """Tell whether an answer that was sent ``age`` seconds ago was sent before the question closed.

    A student may lie about it: nothing is told before the question is revealed.
    """
    if question.state != "closed" or question.closed is None or question.pressed is None:
        return False
    now = time.time()
    return now - question.closed <= GRACE_SECONDS and now - age <= question.pressed


def _round(store: RoomStore, code: str, question: AskedQuestion) -> dict[str, Any]:
    """How a question was answered, beside a second round."""
    kept = store.entries(code, answers_to(question.number)).values()
    answers = [orjson.loads(each) for each in kept]
    options = chosen(question, answers)
    return {
        "number": question.number,
        "answered": len(answers),
        **counts(answers),
        "options": options,
    }


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
