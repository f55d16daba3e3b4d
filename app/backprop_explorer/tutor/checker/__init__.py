"""The checker: marks submitted lines of a working and names the mistakes in them.

check            entry point
naming           maps submitted names to line ids
submission       submitted arrays: line id, shape and possible readings
readings         givens whose shapes can be read in several ways
reference        the correct working, and how far a right answer may be off
tolerance        comparison of two arrays
variants         the working with given mistakes and pinned values
evidence         constants that the submitted numbers show
conventions      answers that are correct for another convention or scaling of the cost
search           finds the mistakes that give the submitted numbers, within a budget
follow_through   credit for lines computed correctly from wrong numbers
line_marks       a mark for each line, and the diagnoses
wording          sentences of the answer
check_result     dataclasses of the answer
"""

from __future__ import annotations

from backprop_explorer.tutor.checker.check import check
from backprop_explorer.tutor.checker.check_result import CheckResult, Diagnosis, LineMark, Note

__all__ = ["CheckResult", "Diagnosis", "LineMark", "Note", "check"]
