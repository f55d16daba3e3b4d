"""Split a lesson's Markdown into front matter, cards and questions, each with its line.

Nothing is computed here: texts and answers stay as written, ``templates.py`` evaluates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from backprop_explorer.lessons.reading.error import LessonError, one_of
from backprop_explorer.lessons.reading.files import read_yaml
from backprop_explorer.texts import lessons_reading as texts

# Parts of a question beside its answers, written as items such as "- hint: …".
PARTS = ("hint", "names", "wrong", "code", "scale")
SECOND_HINT = "second_hint"
SEPARATOR = re.compile(r"(?:\A|\s)::(?:\s|\Z)")
_MARK = re.compile(r"\[([ xX])\](?:\s+|\Z)")
_PART = re.compile(r"([a-z]+):(?:\s+|\Z)")
# An answer that Markdown takes for a part of the item before it.
_LOST_ANSWER = re.compile(
    r"\s*[-–—*+•][\u00a0]*\[[ xX]?\]|\s*[–—•]\s*\[|\s*(?:hint|names|wrong|code|scale):"
)
_LOST_HEADING = re.compile(r"#{1,6}[^\s#]")
_ATTRIBUTES = re.compile(r"(.*?)\s*(?<![\\$\w@])\{([^{}]*(?:@\{[^{}]*\}[^{}]*)*)\}\s*", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"\s*([a-z][a-z0-9_]*)(?:=(\"[^\"]*\"|(?:@\{[^{}]*\}|[^\s\"{}])+))?(?=\s|\Z)"
)
# What a text may consist of beside formulas; anything else would be shown as it is written.
_IN_TEXTS = {"paragraph_open", "paragraph_close", "inline", "fence"}


@dataclass(frozen=True, slots=True)
class Text:
    """Markup as written, and its first line."""

    source: str
    line: int


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """An item of a question: ``- [x] answer :: reason``."""

    right: bool
    answer: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: ``::: kind {attributes}``, a prompt, answers, ``- hint: …``."""

    kind: str
    line: int
    attributes: Mapping[str, str]
    prompt: Text
    code: Text | None
    answers: Sequence[AnswerSource]
    parts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Page:
    """A card: ``# Title {attributes}``, a text, a question, a text after the answer."""

    title: str
    line: int
    attributes: Mapping[str, str]
    text: Text
    asked: Asked | None
    after: Text

    def line_of(self, part: str) -> int:
        """Return the line in which ``part`` of its texts begins; its own line if none has it."""
        for text in self._texts() if part else ():
            words = [(w, n) for n, row in enumerate(text.source.split("\n")) for w in row.split()]
            joined = " ".join(word for word, _ in words)
            at = joined.find(part.strip())
            if at >= 0 and words:
                return text.line + words[joined.count(" ", 0, at)][1]
        return self.line

    def _texts(self) -> Iterator[Text]:
        yield self.text
        if self.asked is not None:
            yield self.asked.prompt
            for each in self.asked.answers:
                yield from (each.answer, each.reason)
            yield from self.asked.parts.values()
        yield self.after


@dataclass(frozen=True, slots=True)
class LessonSource:
    """A lesson's file."""

    path: Path
    front: Mapping[str, Any]
    pages: Sequence[Page]
    lines: Mapping[str, int] = field(default_factory=dict)


def read_source(path: Path, text: str) -> LessonSource:
    """Split the ``text`` of the file ``path``. Raises LessonError."""
    return _LessonReader(path, text).read()


def read_front(path: Path, text: str) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    """Return the front matter and the lines of its entries. Raises LessonError."""
    found = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", text, re.DOTALL)
    if found is None:
        begun = re.match(r"---[ \t]*\n", text)
        raise LessonError(path, 1, texts.FRONT_MATTER_END if begun else texts.FRONT_MATTER_FIRST)
    front, lines = read_yaml(path, found[1], 2, texts.FRONT_MATTER)
    if not isinstance(front, dict):
        raise LessonError(path, 2, texts.FRONT_MATTER_LINES)
    return front, lines


class _LessonReader:
    """Reads one file; tokens of markdown-it carry the lines."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.lines = text.split("\n")
        markdown = MarkdownIt("commonmark").use(front_matter_plugin)
        # A closing ::: is a container's end; any other name is an error that names the kinds.
        markdown.use(container_plugin, "question", validate=lambda *_: True)
        self.tokens = markdown.parse(text)

    def problem(self, line: int, message: str) -> LessonError:
        return LessonError(self.path, line, message)

    def read(self) -> LessonSource:
        front, lines = read_front(self.path, self.text)
        for token in self.tokens:
            begin, end = token.map or (0, 0)
            closed = end - begin > 1 and self.lines[end - 1].strip().startswith(token.markup)
            if token.type == "fence" and not closed:
                raise self.problem(begin + 1, texts.CODE_END)
        starts = [
            k
            for k, token in enumerate(self.tokens)
            if token.type == "heading_open" and token.level == 0 and token.tag == "h1"
        ]
        if not starts:
            raise self.problem(0, texts.NO_CARDS)
        first = self.tokens[0 if self.tokens[0].type != "front_matter" else 1]
        if first is not self.tokens[starts[0]]:
            raise self.problem(_line(first), texts.TEXT_BEFORE_CARDS)
        ends = [*starts[1:], len(self.tokens)]
        pages = [self._page(start, end) for start, end in zip(starts, ends, strict=True)]
        return LessonSource(self.path, front, pages, lines)

    def _page(self, start: int, end: int) -> Page:
        heading, line = self.tokens[start + 1], _line(self.tokens[start])
        title, attributes = self._attributes(heading.content, line)
        if not title:
            raise self.problem(line, texts.TITLE_NEEDED)
        tokens = self.tokens[start + 3 : end]
        top = [t for t in tokens if t.level == 0]
        for token in top:
            if token.type == "heading_open":
                raise self.problem(_line(token), texts.HEADING)
            if token.type == "paragraph_open" and _LOST_HEADING.match(self.lines[_line(token) - 1]):
                raise self.problem(_line(token), texts.BLANK_IN_HEADING)
        opened = [t for t in top if t.type == "container_question_open"]
        if len(opened) > 1:
            raise self.problem(_line(opened[1]), texts.ONE_QUESTION)
        last = self._end(end)
        if not opened:
            text = self._text(tokens, line + 1, last)
            return Page(title, line, attributes, text, None, Text("", last))
        first = tokens.index(opened[0])
        closed = next(
            k for k, t in enumerate(tokens) if t.type == "container_question_close" and not t.level
        )
        begin, finish = opened[0].map or [0, 0]
        if (
            not re.fullmatch(r"\s*:{3,}\s*", self.lines[finish])
            if finish < len(self.lines)
            else True
        ):
            raise self.problem(begin + 1, texts.QUESTION_WITHOUT_END)
        text = self._text(tokens[:first], line + 1, begin + 1)
        after = self._text(tokens[closed + 1 :], finish + 2, last)
        asked = self._asked(tokens[first : closed + 1])
        return Page(title, line, attributes, text, asked, after)

    def _end(self, end: int) -> int:
        """Return the line after the card whose tokens end before ``end``."""
        return _line(self.tokens[end]) if end < len(self.tokens) else len(self.lines) + 1

    def _text(self, tokens: Sequence[Token], start: int, stop: int) -> Text:
        """Return the lines from ``start`` up to ``stop``, whose tokens these are."""
        for token in tokens:
            if token.type not in _IN_TEXTS:
                what = token.type.removesuffix("_open").replace("_", " ")
                raise self.problem(_line(token), texts.not_in_texts(what))
        lines = self.lines[start - 1 : stop - 1]
        while lines and not lines[0].strip():
            lines, start = lines[1:], start + 1
        return Text("\n".join(lines).rstrip(), start)

    def _asked(self, tokens: Sequence[Token]) -> Asked:
        opened = tokens[0]
        line = _line(opened)
        kind, attributes = self._attributes(opened.info.strip(), line)
        inner = tokens[1:-1]
        lists = [t for t in inner if t.type == "bullet_list_open" and t.level == 1]
        if not lists:
            raise self.problem(line, texts.NO_ANSWERS)
        if len(lists) > 1:
            raise self.problem(_line(lists[1]), texts.ONE_LIST)
        at = inner.index(lists[0])
        begin = _line(lists[0]) - 1
        before = inner[:at]
        rest = [
            t
            for t in inner[at:]
            if t.level == 1 and t.type not in ("bullet_list_open", "bullet_list_close")
        ]
        if rest:
            raise self.problem(_line(rest[0]), texts.ONLY_END_AFTER_ANSWERS)
        code: Text | None = None
        if kind == "code_line":
            fences = [t for t in before if t.type == "fence"]
            if len(fences) != 1:
                raise self.problem(line, texts.ONE_BLOCK_OF_CODE)
            code = Text(fences[0].content.rstrip("\n"), _line(fences[0]) + 1)
            prompt = self._text(before, line + 1, _line(fences[0]))
        else:
            prompt = self._text(before, line + 1, begin + 1)
        if not prompt.source:
            raise self.problem(line, texts.NO_PROMPT)
        answers: list[AnswerSource] = []
        parts: dict[str, Text] = {}
        for token in inner[at:]:
            if token.type == "list_item_open" and token.level == 2:
                self._item(token, kind, answers, parts)
        return Asked(kind, line, attributes, prompt, code, answers, parts)

    def _item(
        self, token: Token, kind: str, answers: list[AnswerSource], parts: dict[str, Text]
    ) -> None:
        start, stop = token.map or [0, 0]
        line = start + 1
        for number, row in enumerate(self.lines[start + 1 : stop], start=line + 1):
            if _LOST_ANSWER.match(row):
                raise self.problem(number, texts.ITEM_BEGINS)
        item = "\n".join(self.lines[start:stop]).strip()
        content = item.removeprefix(token.markup).strip()
        if mark := _MARK.match(content):
            answer, separator, reason = _split(content[mark.end() :])
            if not answer:
                raise self.problem(line, texts.ANSWER_MISSING)
            # A wrong line of code without a reason has that of the first.
            again = kind == "code_line" and mark[1] != " " and any(a.right for a in answers)
            if not reason and not (again and not separator):
                raise self.problem(line, texts.REASON_NEEDED)
            below = content[: content.rfind(reason)].count("\n")
            right = mark[1] != " "
            answers.append(AnswerSource(right, Text(answer, line), Text(reason, line + below)))
            return
        part = _PART.match(content)
        if part is None:
            raise self.problem(line, texts.ITEM)
        if part[1] not in PARTS:
            raise self.problem(line, texts.unknown_part(part[1], one_of(PARTS, part[1])))
        name = part[1]
        if name == "hint" and name in parts:
            name = SECOND_HINT
            if name in parts:
                raise self.problem(line, texts.THREE_HINTS)
        if name in parts:
            raise self.problem(line, texts.two_items(name))
        parts[name] = Text(content[part.end() :], line)

    def _attributes(self, content: str, line: int) -> tuple[str, dict[str, str]]:
        """Split "Title {name=value flag}"; a flag has the value "" """
        match = _ATTRIBUTES.fullmatch(content)
        if match is None:
            if re.search(r"[{}]", re.sub(r"\$[^$]*\$|`[^`]*`", "", content)):
                raise self.problem(line, texts.ATTRIBUTES_LAST)
            return content.strip(), {}
        attributes: dict[str, str] = {}
        at = 0
        while match[2][at:].strip():
            pair = _ATTRIBUTE.match(match[2], at)
            if pair is None:
                raise self.problem(line, texts.attributes_unreadable(match[2][at:]))
            if pair[1] in attributes:
                raise self.problem(line, texts.attribute_twice(pair[1]))
            attributes[pair[1]] = (pair[2] or "").strip('"')
            at = pair.end()
        return match[1].strip(), attributes


def _split(content: str) -> tuple[str, str, str]:
    match = SEPARATOR.search(content)
    if match is None:
        return content.strip(), "", ""
    return content[: match.start()].strip(), "::", content[match.end() :].strip()


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1
