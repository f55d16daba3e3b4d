"""Questions about the tokens at a place of a pasted text: does a name, an array or prose begin?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.arrays import is_tracer
from backprop_explorer.tutor.reading.brackets import NO_NUMBERS
from backprop_explorer.tutor.reading.source_code import CODE
from backprop_explorer.tutor.reading.tokens import Source, Token, is_array_call, is_scalar

NOT_AN_ARRAY = texts.NOT_AN_ARRAY
SHAPE = texts.SHAPE_ONLY
SCALED = texts.COMMON_FACTOR
MAX_AXES = 4


@dataclass(frozen=True, slots=True)
class Lookahead:
    """The tokens of a text. ``closes`` maps each opening bracket to its closing one."""

    source: Source
    tokens: Sequence[Token]
    closes: Mapping[int, int]

    def begins_line(self, at: int) -> bool:
        """Whether a token is the first of its line, apart from a prompt."""
        while at and not self.source.breaks_line(self.tokens[at - 1].end, self.tokens[at].start):
            if self.tokens[at - 1].kind != "prompt":
                return False
            at -= 1
        return True

    def is_bracket(self, at: int) -> bool:
        """Whether brackets of an array can begin here."""
        token = self.tokens[at]
        return (token.kind == "open" and token.text != "{") or is_array_call(self.tokens, at)

    def is_named(self, at: int) -> bool:
        """Whether a token is the name of the next value: ``z1 = [1]``, ``z1: [1]``, ``z1 [1]``."""
        if at + 1 == len(self.tokens):
            return False
        token, after = self.tokens[at : at + 2]
        if after.kind == "is":
            return True
        if after.text == "(" and after.start == token.end:
            return False  # a call
        gap = self.source.text[token.end : after.start]
        if gap.count("\n") > 1 or gap.strip(" \t\n"):
            return False
        return after.kind in ("number", "label") or self.is_bracket(at + 1)

    def names_dictionary(self, at: int) -> bool:
        """Whether a token is the name of a dictionary: ``grads {'dW1': …}``."""
        if at + 2 >= len(self.tokens) or self.tokens[at + 1].text != "{":
            return False
        gap = self.source.text[self.tokens[at].end : self.tokens[at + 1].start]
        return not gap.strip(" ") and self.tokens[at + 2].kind == "name"

    def is_word(self, token: Token) -> bool:
        return token.kind == "name" and token.text.isidentifier()

    def ends_statement(self, at: int) -> bool:
        """Whether a comma, the end of the line or a closing brace follows a token."""
        if at + 1 == len(self.tokens):
            return True
        after = self.tokens[at + 1]
        gap = self.source.text[self.tokens[at].end : after.start]
        return after.text == "}" or after.kind == "comment" or bool(gap.strip(" \t"))

    def numbers_end(self, at: int) -> int:
        """Return the index after numbers separated by blanks, commas or single line breaks."""
        end = at + 1
        if is_scalar(self.tokens[at]):
            return end
        while (
            end < len(self.tokens)
            and self.tokens[end].kind == "number"
            and not is_scalar(self.tokens[end])
        ):
            gap = self.source.text[self.tokens[end - 1].end : self.tokens[end].start]
            if gap.count("\n") > 1:
                break
            end += 1
        return end

    def is_prose(self, at: int, end: int, *, named: bool) -> bool:
        """Whether a word follows plain numbers in the same line: "after 3 epochs"."""
        if self.tokens[at].kind != "number" or end == len(self.tokens):
            return False
        after = self.tokens[end]
        if self.source.text[self.tokens[end - 1].end : after.start].strip(" \t"):
            return False
        if after.kind not in ("name", "path") or is_array_call(self.tokens, end):
            return False
        return not named or not self.is_named(end)

    def is_shape(self, at: int) -> bool:
        """Whether a tuple of whole numbers begins here, as NumPy prints a shape."""
        end = self.closes.get(at)
        if self.tokens[at].text != "(" or end is None:
            return False
        lengths = [token.text for token in self.tokens[at + 1 : end] if token.kind == "number"]
        return 0 < len(lengths) <= MAX_AXES and all(length.isdigit() for length in lengths)

    def is_factor(self, at: int, end: int) -> bool:
        """Whether one number and an asterisk end a line: the factor of the numbers below."""
        if end != at + 1 or end + 1 >= len(self.tokens) or self.tokens[end].text != "*":
            return False
        return self.source.breaks_line(self.tokens[end].end, self.tokens[end + 1].start)

    def message(self, at: int) -> str:
        """Return the reason why a token is neither a value nor a name."""
        token = self.tokens[at]
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if after is None or after.start != token.end or token.kind not in ("name", "path"):
            is_code = after is not None and after.text in ("@", "*", "+", "/", "-", "**")
            return CODE if is_code and token.kind in ("name", "path") else NOT_AN_ARRAY
        if is_tracer(self.source, token.start, after.end):
            return NO_NUMBERS
        return CODE if after.text in ("(", ".", "[") or not after.text.isalnum() else NOT_AN_ARRAY
