"""The lessons that there are: the program's own, and those of the folders in the settings.

A folder with Markdown files is a group. ``group.yaml`` in it may give the group's title and the
order of its lessons; docs/lessons.md describes all of it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from backprop_explorer.datasets.installed import LESSON_FOLDERS, installed_folders
from backprop_explorer.engine.registry import Registry
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.reading.cards import check_source, make_cards
from backprop_explorer.lessons.reading.declared import ENTRIES, LessonValues, declared_numbers
from backprop_explorer.lessons.reading.error import LessonError, one_of
from backprop_explorer.lessons.reading.files import read_text, read_yaml
from backprop_explorer.lessons.reading.source import LessonSource, read_front, read_source
from backprop_explorer.lessons.seed import LESSON_NAME
from backprop_explorer.settings import Settings
from backprop_explorer.texts import lessons_reading
from backprop_explorer.texts import lessons_writing as texts

CONTENT = Path(__file__).parent / "content"
PACKAGE = "backprop_explorer.lessons.content"
GROUP_FILE = "group.yaml"
REQUIRED = ("title", "summary", "minutes")
OPTIONAL = ("exercise", "was", "builds_on", "picture", *ENTRIES)
Numbers = Callable[[Draw], Any]


@dataclass(frozen=True)
class LessonFile:
    """A lesson's Markdown file; its cards are read when they are needed."""

    path: Path
    group: str
    module: str | None = None
    python: bool = True

    @property
    def name(self) -> str:
        """The lesson's name: that of the file, with hyphens."""
        return self.path.stem.replace("_", "-")

    @cached_property
    def source(self) -> LessonSource:
        """The file's content. Raises LessonError."""
        return read_source(self.path, self._text)

    @property
    def _text(self) -> str:
        return read_text(self.path)

    @cached_property
    def numbers(self) -> Numbers | None:
        """The function of the Python file beside the Markdown; None if there is no such file."""
        beside = self.path.with_suffix(".py")
        if not beside.exists():
            return None
        if not self.python:
            raise LessonError(beside, 0, texts.PYTHON_OFF)
        module = self._module(beside)
        found = getattr(module, "numbers", None)
        if not callable(found):
            raise LessonError(beside, 0, texts.DEFINE_NUMBERS)
        return found  # type: ignore[no-any-return]

    def _module(self, beside: Path) -> ModuleType:
        if self.module is not None:
            return importlib.import_module(self.module)
        spec = importlib.util.spec_from_file_location(f"lesson_{self.path.stem}", beside)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise _of_python(beside, error) from error
        return module

    def cards(self, draw: Draw) -> Sequence[Card]:
        """Make the cards of a draw. Raises LessonError."""
        source = self.source
        values = declared_numbers(self.path, source.front, source.lines, draw)
        if self.numbers is not None:
            values |= self._drawn(self.numbers, draw)
        return make_cards(self.source, LessonValues(values), self.name, draw.seed)

    def _drawn(self, numbers: Numbers, draw: Draw) -> Mapping[str, Any]:
        beside = self.path.with_suffix(".py")
        try:
            values = numbers(draw)
        except Exception as error:
            raise _of_python(beside, error) from error
        if not isinstance(values, Mapping):
            raise LessonError(beside, 0, texts.numbers_returned(type(values).__name__))
        return values

    def lesson(self, group_title: str) -> Lesson:
        """Read the front matter. Raises LessonError."""
        if not LESSON_NAME.fullmatch(self.name):
            raise LessonError(self.path, 0, texts.file_name(self.name))
        front, lines = read_front(self.path, self._text)
        for name in front:
            if name not in (*REQUIRED, *OPTIONAL):
                message = texts.unknown_entry(name, one_of((*REQUIRED, *OPTIONAL), str(name)))
                raise LessonError(self.path, lines.get(str(name), 1), message)
        for name in REQUIRED:
            if name not in front:
                raise LessonError(self.path, 1, texts.entry_needed(name))
            if front[name] in (None, ""):
                raise LessonError(self.path, lines[name], texts.entry_empty(name))
        minutes = front["minutes"]
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes < 1000:
            raise LessonError(self.path, lines["minutes"], texts.minutes_whole(minutes))
        before = front.get("builds_on") or []
        if not isinstance(before, list) or not all(isinstance(each, str) for each in before):
            raise LessonError(self.path, lines["builds_on"], texts.BUILDS_ON)
        return Lesson(
            self.name,
            str(front["title"]),
            self.group,
            group_title,
            str(front.get("exercise", "")),
            str(front["summary"]),
            minutes,
            self.cards,
            lambda: sum(page.asked is not None for page in self.source.pages),
            self.check,
            str(front.get("was", "")),
            tuple(before),
            str(front.get("picture", "")),
            self._digest(),
        )

    def _digest(self) -> str:
        """Return a digest of its files: another one is another version of the lesson."""
        beside = self.path.with_suffix(".py")
        files = [self.path, *([beside] if beside.exists() else [])]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]

    def check(self) -> None:
        """Check what does not depend on a draw. Raises LessonError."""
        check_source(self.source)
        _ = self.numbers


def _of_python(beside: Path, error: Exception) -> LessonError:
    """Return the error with the line of the file in which it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(beside)]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), 0)
    return LessonError(beside, line or 0, f"{type(error).__name__}: {error}")


def read_group(
    folder: Path, package: str | None = None, *, python: bool = True
) -> tuple[Lesson, ...]:
    """Return the lessons of a folder, in the order of group.yaml, then by the names of the files.

    package: the Python package of the folder, if it is one. python: whether the files beside the
    lessons may run. Raises LessonError.
    """
    title, order, line = _group(folder / GROUP_FILE, folder.name)
    files = {
        file.name: file
        for path in sorted(folder.glob("*.md"))
        # Editors keep hidden files beside the one that is edited.
        if path.name.lower() != "readme.md" and not path.name.startswith(".")
        for file in [LessonFile(path, folder.name, package and f"{package}.{path.stem}", python)]
    }
    for name in order:
        if name not in files:
            raise LessonError(folder / GROUP_FILE, line, texts.no_lesson(name, one_of(files, name)))
        if order.count(name) > 1:
            raise LessonError(folder / GROUP_FILE, line, lessons_reading.entry_twice(name))
    names = [*order, *(name for name in files if name not in order)]
    return tuple(files[name].lesson(title) for name in names)


def _group(path: Path, name: str) -> tuple[str, Sequence[str], int]:
    """Return the title, the lessons in their order, and the line that names them."""
    title = name.replace("_", " ").replace("-", " ").capitalize()
    if not path.exists():
        return title, (), 0
    found, lines = read_yaml(path, read_text(path))
    found = {} if found is None else found
    if not isinstance(found, Mapping):
        raise LessonError(path, 1, texts.GROUP_LINES)
    for entry in found:
        if entry not in ("title", "lessons"):
            raise LessonError(path, lines.get(str(entry), 1), texts.unknown_group_entry(entry))
    order = found.get("lessons") or []
    if not isinstance(order, list):
        raise LessonError(path, lines["lessons"], texts.GROUP_LINES)
    return str(found.get("title") or title), [str(each) for each in order], lines.get("lessons", 1)


def read_folder(folder: Path, *, python: bool) -> tuple[Lesson, ...]:
    """Return the lessons of a folder of EXPLORER_LESSONS: of itself, and of the folders in it.

    Everything but the numbers is checked. Raises LessonError.
    """
    if not folder.is_dir():
        raise LessonError(folder, 0, texts.NO_FOLDER)
    try:
        folders = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    except OSError as error:
        raise LessonError(folder, 0, lessons_reading.unreadable(error.strerror)) from None
    found = [
        lesson
        for each in folders
        if any(each.glob("*.md"))
        for lesson in read_group(each, python=python)
    ]
    if not found:
        raise LessonError(folder, 0, texts.NO_LESSONS)
    known: set[str] = set()
    for lesson in found:
        if lesson.name in known:
            raise LessonError(folder, 0, texts.two_lessons(lesson.name))
        known.add(lesson.name)
        lesson.check()
    return tuple(found)


class Lessons(Registry[Lesson]):
    """Lessons by name; a lesson is found by its earlier name, too."""

    def __init__(self, *lessons: Lesson) -> None:
        earlier = {lesson.was: lesson for lesson in lessons if lesson.was}
        super().__init__("lesson", *lessons, derive=earlier.get)


@lru_cache(maxsize=1)
def own_lessons() -> Lessons:
    """Return the lessons of the program."""
    groups = yaml.safe_load((CONTENT / "groups.yaml").read_text(encoding="utf-8"))
    return Lessons(
        *(
            lesson
            for group in groups
            for lesson in read_group(CONTENT / group, f"{PACKAGE}.{group}")
        )
    )


class Library:
    """The lessons of a server: its own, those of packages, and those of the folders."""

    def __init__(
        self, folders: Sequence[str] = (), *, python: bool = False, reload: bool = False
    ) -> None:
        self._folders = tuple(Path(folder) for folder in folders)
        self._python, self._reload = python, reload
        self._state: tuple[tuple[str, int], ...] = ()
        self._lessons: Lessons | None = None

    @classmethod
    def of(cls, settings: Settings) -> Library:
        """Return the library that ``settings`` describe."""
        lessons = settings.lessons
        return cls(lessons.folders, python=settings.lessons_python, reload=lessons.reload)

    def lessons(self) -> Lessons:
        """Return all lessons; read the folders again if ``reload`` and a file has changed.

        Raises LessonError.
        """
        state = self._changed_at() if self._reload else ()
        if self._lessons is None or state != self._state:
            others = [
                lesson
                for folder, python in (
                    *((folder, True) for folder in installed_folders(LESSON_FOLDERS)),
                    *((folder, self._python) for folder in self._folders),
                )
                for lesson in read_folder(folder, python=python)
            ]
            known = set(own_lessons())
            for lesson in others:
                if lesson.name in known:
                    raise LessonError(Path(f"{lesson.name}.md"), 0, texts.two_lessons(lesson.name))
                known.add(lesson.name)
            self._lessons = Lessons(*own_lessons().values(), *others)
            self._state = state
        return self._lessons

    def _changed_at(self) -> tuple[tuple[str, int], ...]:
        files = sorted(
            path
            for folder in self._folders
            for path in folder.rglob("*")
            if path.suffix in (".md", ".py", ".yaml") and not path.name.startswith(".")
        )
        return tuple((str(path), path.stat().st_mtime_ns) for path in files)
