"""Mark answers at once, and look for the likely mistakes afterwards.

Whether an answer is right takes a few milliseconds of a processor, finding the mistake behind a
wrong one up to 50. When a class answers within seconds, students and the tally have all marks
soon, and the mistakes follow. What a killed server left undone another one does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from functools import partial
from typing import Any, NamedTuple

import orjson

from backprop_explorer.classroom.room import Marked
from backprop_explorer.classroom.rooms import Rooms
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import QUESTION, answers_to
from backprop_explorer.compute.pool import Pool
from backprop_explorer.engine.errors import ExplorerError, Unavailable
from backprop_explorer.engine.late import LateModule

logger = logging.getLogger(__name__)

# By name: the web process does not import what computes the tasks of questions.
QUESTIONS = LateModule("backprop_explorer.classroom.questions")

# Many students give the same answer; each of these is marked once. A mark has some kB.
KEPT_MARKS = 1024
# Diagnoses are written together, after so many seconds at the latest.
WRITE_SECONDS = 0.5
# Another server looks at these answers itself, unless it was killed.
PATIENCE_SECONDS = 10.0


class _Waiting(NamedTuple):
    """An answer whose mistake is to be found."""

    student: str
    kept: dict[str, Any]


class Marking:
    """Marks the answers of all rooms with the workers of ``pool``."""

    def __init__(self, rooms: Rooms, pool: Pool) -> None:
        self._rooms = rooms
        self._pool = pool
        self._marks: OrderedDict[tuple[bytes, str | None, bytes], Marked] = OrderedDict()
        # By room and question: what looks for mistakes, and the patience that it is to have next.
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._wanted: dict[tuple[str, int], float] = {}

    async def mark(self, spec: bytes, seed: str | None, answer: Any, *, whole: bool) -> Marked:
        """Mark an answer; ``whole``: with the mistake even if that takes longer.

        Raises InvalidInput.
        """
        key = (spec, seed, orjson.dumps(answer))
        known = self._marks.get(key)
        if known is not None and (known.diagnosed or not whole):
            return known
        # One worker builds the question with a student's own numbers.
        task = self._pool.submit(QUESTIONS.mark_answer, spec, seed, answer, whole, experiment=seed)
        marked: Marked = await task
        self._marks[key] = marked
        if len(self._marks) > KEPT_MARKS:
            self._marks.popitem(last=False)
        return marked

    @property
    def idle(self) -> bool:
        """Whether workers have nothing else to do."""
        return self._pool.load < max(1, len(self._pool.workers))

    def diagnose_soon(self, code: str, number: int, patience: float = 0.0) -> None:
        """Look for the mistakes of a question's answers that are older than ``patience`` seconds.

        Something that looks already looks again.
        """
        key = (code, number)
        self._wanted[key] = min(patience, self._wanted.get(key, patience))
        if key not in self._tasks:
            task = self._tasks[key] = asyncio.ensure_future(self._diagnose(key))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def close(self) -> None:
        """End all diagnoses."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _diagnose(self, key: tuple[str, int]) -> None:
        try:
            while (patience := self._wanted.pop(key, None)) is not None:
                await self._diagnose_all(*key, patience)
        except Unavailable as error:
            # Answers stay undiagnosed in the store; the next tally asks again.
            logger.warning("The mistakes of a class are not known yet: %s", error)
            self._wanted.pop(key, None)

    async def _diagnose_all(self, code: str, number: int, patience: float) -> None:
        spec, waiting = await self._rooms.streams.counts.shared(
            (code, number, patience),
            partial(_answers, code=code, number=number),
            partial(_undiagnosed, until=time.time() - patience),
        )
        done: list[tuple[str, int, bytes]] = []
        written = time.monotonic()
        for student, kept in waiting:
            marked = await self._whole(spec, kept)
            content = orjson.dumps({**kept, **marked}, option=orjson.OPT_SERIALIZE_NUMPY)
            done.append((student, kept["attempt"], content))
            if time.monotonic() - written >= WRITE_SECONDS:
                await self._write(code, number, done)
                done, written = [], time.monotonic()
        if done:
            await self._write(code, number, done)

    async def _whole(self, spec: bytes, kept: dict[str, Any]) -> dict[str, Any]:
        try:
            marked = await self.mark(spec, kept["seed"], kept["answer"], whole=True)
        except Unavailable:
            raise
        except ExplorerError as error:
            logger.warning("An answer is counted without its mistake: %s", error)
            return {"diagnosed": True}
        return outcome(marked)

    async def _write(self, code: str, number: int, done: list[tuple[str, int, bytes]]) -> None:
        def work(store: RoomStore) -> None:
            for student, attempt, content in done:
                store.amend(code, number, student, attempt, content)

        await self._rooms.store.call(work)
        await self._rooms.tell_tally(code)


def outcome(marked: Marked) -> dict[str, Any]:
    """The fields of a kept answer that are its mark."""
    return {
        "verdict": marked.verdict,
        "misconception": marked.misconception,
        "line": marked.line,
        "mark": marked.mark,
        "diagnosed": marked.diagnosed,
    }


def _answers(store: RoomStore, *, code: str, number: int) -> tuple[bytes, dict[str, bytes]]:
    """The question's spec, and its answers by student."""
    question = store.get(code, QUESTION, str(number))
    if question is None:
        return b"", {}
    return orjson.loads(question)["spec"].encode(), store.entries(code, answers_to(number))


def _undiagnosed(
    found: tuple[bytes, dict[str, bytes]], *, until: float
) -> tuple[bytes, list[_Waiting]]:
    """The question, and its answers before ``until`` that are wrong for a reason not known yet."""
    spec, answers = found
    kept = {student: orjson.loads(content) for student, content in answers.items()}
    return spec, [
        _Waiting(student, each)
        for student, each in kept.items()
        if not each["diagnosed"] and each["at"] <= until
    ]
