"""Tasks of questions: prepare one, show a student's own, mark an answer. They run in workers."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np

from backprop_explorer.classroom.requests import QuestionRequest
from backprop_explorer.classroom.room import OF_LINES, Marked, Prepared, ShownQuestion, Verdict
from backprop_explorer.classroom.spec import SEARCH_SECONDS, Spec
from backprop_explorer.classroom.whole_working import WholeWorking
from backprop_explorer.classroom.wrong_formulas import wrong_formulas
from backprop_explorer.compute.lesson_answers import card_shown, marked, solved
from backprop_explorer.compute.lesson_tasks import dealt
from backprop_explorer.compute.worker_process import STATE
from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import written
from backprop_explorer.engine.updates import Update
from backprop_explorer.lessons.given import ANSWER
from backprop_explorer.lessons.lesson import Card, Scene, question_of, scene_at
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Choice, Mark, Option, Question, Shape, Signs
from backprop_explorer.lessons.seed import DEFAULT_SEED, Seed
from backprop_explorer.lessons.working import recipe_of
from backprop_explorer.texts import classroom as texts
from backprop_explorer.tutor.checker.naming import unknown_line
from backprop_explorer.tutor.checker.search import NO_SEARCH
from backprop_explorer.tutor.problem import Problem, trace_requirements
from backprop_explorer.tutor.spellings import known_id

# A question about a working keeps its givens, and each answer is marked with them.
MAX_PARAMETERS = 2_000
MAX_SAMPLES = 64
# Own numbers of a lesson are drawn anew for each student; this is the time that one may take.
MAX_DEAL_SECONDS = 0.1
# Characters of an answer in words.
MAX_TEXT = 300
# A question that is marked again and again is built once for each student's numbers.
KEPT = 512


@dataclass(frozen=True, slots=True)
class FreeText:
    """A question with an answer in words. Nothing is right or wrong."""

    kind: ClassVar[str] = "text"
    prompt: str
    hint: str = ""
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """How long an answer may be."""
        return {"most": MAX_TEXT}

    def mark(self, answer: Any) -> Mark:
        """Check that ``answer`` is a text."""
        if not isinstance(answer, str) or not 0 < len(answer.strip()) <= MAX_TEXT:
            raise InvalidInput(ANSWER, texts.written_text(MAX_TEXT))
        return Mark(False, "")

    def solution(self) -> Any:
        """None."""
        return None


def prepare(request: QuestionRequest) -> Prepared:
    """Check a question and make all that is needed to show and mark it.

    Raises NotReached if its experiment has to be trained further, and InvalidInput, LimitExceeded
    or NotFound.
    """
    found = _spec_of(request)
    content = found.content()
    if found.own:
        _check_own(found)
    question = _card(content, "one" if found.own else None).question
    assert question is not None
    options = [option.text for option in question.options] if isinstance(question, Choice) else []
    shown = None if found.own else show(content, None)
    return Prepared(content, shown, found.kind, found.line, question.prompt, options)


def show(spec: bytes, seed: Seed | None, with_solution: bool = True) -> ShownQuestion:
    """Return the question; with a ``seed`` the one with a student's own numbers."""
    card = _card(spec, seed)
    assert card.question is not None
    shown = card_shown(card)
    question, solution = card.question, None
    if with_solution and not isinstance(question, FreeText):
        solution = solved(card, question)
    return ShownQuestion(shown["question"], shown["text"], shown["scene"], solution)


def mark_answer(spec: bytes, seed: Seed | None, answer: Any, search: bool = True) -> Marked:
    """Mark an answer; with ``search`` name the mistake of a wrong one.

    The verdict does not depend on the search. Raises InvalidInput naming ``answer`` if it cannot be
    read.
    """
    card = _card(spec, seed)
    question = card.question
    assert question is not None
    searches = isinstance(question, LineValue | WholeWorking)
    if isinstance(question, LineValue | WholeWorking) and not search:
        question = replace(question, search_seconds=NO_SEARCH)
    line = Spec.model_validate_json(spec).line
    if isinstance(question, WholeWorking):
        mark, line = question.mark_and_line(answer)
    else:
        mark = question.mark(answer)
    verdict: Verdict = "right" if mark.right else "close" if _is_close(mark) else "wrong"
    if isinstance(question, FreeText):
        verdict = "unmarked"
    shown = marked(mark, card)
    del shown["after"], shown["reasons"], shown["close"]  # the verdict says it
    diagnosed = search or mark.right or not searches
    return Marked(verdict, mark.misconception, None if mark.right else line, shown, diagnosed)


def _is_close(mark: Mark) -> bool:
    """Tell whether an answer is nearly right: too few digits, or at least half of its entries.

    Of a whole working ``entries`` says which lines are right or follow.
    """
    if mark.close:
        return True
    if mark.entries is None:
        return False
    entries = np.asarray(mark.entries, dtype=bool)
    return entries.size > 1 and 2 * int(entries.sum()) >= entries.size


def _spec_of(request: QuestionRequest) -> Spec:
    if request.kind in OF_LINES:
        return _of_experiment(request)
    if request.kind == "choice":
        return Spec(
            kind="choice",
            prompt=request.prompt or "",
            options=tuple(request.options or ()),
            right=request.right or 0,
            reasons=tuple(request.reasons or ()),
        )
    if request.kind == "text":
        return Spec(kind="text", prompt=request.prompt or "")
    name = request.lesson or ""
    seed = DEFAULT_SEED if request.seed is None else request.seed
    try:
        cards = dealt(name, seed)
    except NotFound as error:
        raise InvalidInput("lesson", str(error)) from None
    card, _ = question_of(cards, request.card or "")
    return Spec(kind="lesson", lesson=name, card=card.name, seed=seed, own=request.own_numbers)


def _of_experiment(request: QuestionRequest) -> Spec:
    explorer = STATE.get().explorer
    name = request.experiment or ""
    sample = None if request.sample == "batch" else request.sample
    network = explorer.initial_state(name).network
    asked = [] if request.line is None else [request.line]
    needed = trace_requirements(asked, network.depth)
    if network.parameter_count > MAX_PARAMETERS:
        what = texts.PARAMETERS_ASKED
        raise LimitExceeded("experiment", what, MAX_PARAMETERS, network.parameter_count)
    made, _, rows = explorer.trace(
        name,
        request.step,
        sample,
        jacobians=needed.jacobians,
        fused=not needed.unfused_output,
        reduction=request.reduction,
    )
    if len(rows) > MAX_SAMPLES:
        raise LimitExceeded("sample", texts.SAMPLES_ASKED, MAX_SAMPLES, len(rows))
    line = None
    if request.line is not None:
        ids: dict[str, Any] = {each.node.id: each.node for each in made.lines}
        line = known_id(request.line, ids, network.depth)
        if line is None:
            raise InvalidInput("line", unknown_line(request.line, ids, network.depth).message)
    objective = made.objective
    notation = Notation.of(
        request.convention, single=sample is not None, reduction=objective.reduction
    )
    rate = made.values().get(names.LEARNING_RATE)
    update = None if rate is None else Update("sgd", float(rate))
    spec = Spec(
        kind=request.kind,
        own=request.own_numbers,
        line=line,
        entry=None if request.entry is None else tuple(request.entry),
        givens=Problem.of_trace(made, notation, update),
    )
    working = spec.problem()
    if line is not None and working is not None:
        value = working.trace.values().get(line)
        # Lines of an update may depend on earlier steps (momentum and others).
        if value is None or not np.array_equal(value, made[line]):
            raise InvalidInput("line", texts.EARLIER_STEPS)
    return spec


def _check_own(spec: Spec) -> None:
    """Try two seeds: questions whose numbers cannot be drawn for each student are refused."""
    if spec.kind == "choice":
        raise InvalidInput("own_numbers", texts.NO_NUMBERS)
    times = []
    for seed in ("one", "other"):
        began = time.thread_time()
        question = _card(spec.content(), seed).question
        times.append(time.thread_time() - began)
        if question is None:
            raise InvalidInput("card", texts.CARD_WITHOUT_QUESTION)
    if min(times) > MAX_DEAL_SECONDS:
        raise InvalidInput("own_numbers", texts.LESSON_TRAINS)


@lru_cache(maxsize=KEPT)
def _card(content: bytes, seed: Seed | None) -> Card:
    """Build the question of a spec as a lesson's card, with its scene."""
    spec = Spec.model_validate_json(content)
    if spec.kind == "lesson":
        chosen = spec.seed if seed is None else seed
        cards = dealt(spec.lesson, chosen)
        card, question = question_of(cards, spec.card)
        if isinstance(question, LineValue):
            question = replace(question, search_seconds=SEARCH_SECONDS)
        return replace(card, question=question, scene=scene_at(cards, card))
    working = spec.problem(seed)
    if working is None:
        if spec.kind == "text":
            return _asking(FreeText(spec.prompt))
        pairs = zip_longest(spec.options, spec.reasons, fillvalue="")
        options = [Option(*both, k == spec.right) for k, both in enumerate(pairs)]
        return _asking(Choice(spec.prompt, options))
    scene = None
    if seed is not None:
        recipe = recipe_of(working)
        scene = Scene(
            recipe=recipe,
            step=0,
            line=spec.line,
            sample=0 if working.notation.single else "batch",
            convention=working.notation.convention.name,
            hide=spec.line,
        )
    return replace(_asking(_about(spec, working)), scene=scene)


def _asking(question: Question) -> Card:
    return Card(title="Question", text="", question=question)


def _about(spec: Spec, working: Problem) -> Question:
    """The question about a line of ``working``."""
    if spec.kind == "working":
        return WholeWorking(working)
    line = spec.line or ""
    node = next(each.node for each in working.trace.lines if each.node.id == line)
    text = written(node, working.notation)
    symbol, formula = text["symbol"], text["formula"]
    value = np.asarray(working[line], dtype=np.float64)
    if spec.kind == "shape":
        return Shape(texts.shape_prompt(symbol), value.shape)
    if spec.kind == "formula":
        return _formula_question(symbol, formula)
    if spec.entry is not None or spec.kind == "number":
        return _entry_question(spec, symbol, value)
    if spec.kind == "sign":
        return Signs(texts.signs_prompt(symbol), value)
    return LineValue(texts.compute_prompt(symbol), working, line, search_seconds=SEARCH_SECONDS)


def _entry_question(spec: Spec, symbol: str, value: Any) -> Question:
    entry = spec.entry or ()
    if len(entry) != value.ndim or any(
        k >= size for k, size in zip(entry, value.shape, strict=True)
    ):
        raise InvalidInput("entry", texts.index_into(value.shape))
    number = float(value[entry])
    at = f"$[{', '.join(map(str, entry))}]$ of " if entry else ""
    if spec.kind == "sign":
        return Signs(texts.sign_prompt(at, symbol), number)
    return Values(texts.compute_entry_prompt(at, symbol), number)


def _formula_question(symbol: str, formula: str) -> Choice:
    wrong = wrong_formulas(formula)
    if len(wrong) < 2:
        raise InvalidInput("line", texts.NO_WRONG_FORMULAS)
    options = [(formula, ""), *wrong.items()]
    # The right one has a place that depends on the formula, so that all students see one order.
    order = np.random.default_rng(list(formula.encode())).permutation(len(options))
    return Choice(
        texts.formula_prompt(symbol),
        [Option(f"${options[k][0]}$", options[k][1], bool(k == 0)) for k in order],
    )
