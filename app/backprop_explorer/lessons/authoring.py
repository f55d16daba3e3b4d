"""What ``backprop-explorer lesson new`` and ``lesson check`` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.library import LessonFile, read_folder, read_group
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.rules import broken_rules
from backprop_explorer.lessons.seed import LESSON_NAME
from backprop_explorer.lessons.working import REDUCTION
from backprop_explorer.texts import lessons_writing as texts

TEMPLATE = Path(__file__).parent / "template.md"
SEEDS = range(20)


def new_lesson(name: str, folder: Path) -> Path:
    """Write a lesson that can be played at once and return its path.

    Raises LessonError for a name that is not like my-lesson, and if the file exists.
    """
    name = name.removesuffix(".md").replace("_", "-")
    path = folder / f"{name.replace('-', '_')}.md"
    if not LESSON_NAME.fullmatch(name):
        raise LessonError(path, 0, texts.lesson_name(name))
    if path.exists():
        raise LessonError(path, 0, texts.FILE_EXISTS)
    text = TEMPLATE.read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("TITLE", name.replace("-", " ").capitalize()), encoding="utf-8")
    return path


def check_lessons(path: Path, *, python: bool) -> tuple[int, list[str]]:
    """Check a folder or a file. Return the number of lessons, and a line for each problem."""
    try:
        found = lessons_at(path, python=python)
    except LessonError as error:
        return 0, [str(error)]
    return len(found), [problem for lesson in found for problem in _problems(lesson)]


def lessons_at(path: Path, *, python: bool) -> tuple[Lesson, ...]:
    """Return the lessons of a folder, or of a file. Raises LessonError."""
    if path.is_dir() or path.suffix != ".md":
        return read_folder(path, python=python)
    group = read_group(path.parent, python=python)
    name = path.stem.replace("_", "-")
    found = tuple(lesson for lesson in group if lesson.name == name)
    if not found:
        raise LessonError(path, 0, texts.NO_FILE)
    return found


def _problems(lesson: Lesson) -> Iterator[str]:
    file: LessonFile = lesson.cards.__self__  # type: ignore[attr-defined]
    working = file.source.front.get("working")
    if isinstance(working, Mapping) and "reduction" not in working:
        cost = next((each for each in COSTS.values() if each.name == working.get("cost")), None)
        if cost is not None and cost.default_reduction != REDUCTION:
            message = texts.reduction_needed(cost.name, cost.default_reduction)
            yield str(LessonError(file.path, file.source.lines["working"], message))
    for problem in broken_rules(lesson, SEEDS):
        if isinstance(problem, LessonError):
            yield str(problem)
            continue
        page = None if problem.card is None else file.source.pages[problem.card]
        line = 0 if page is None else page.line_of(problem.part)
        yield str(LessonError(file.path, line, problem.message))
