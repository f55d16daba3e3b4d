"""The checker: marks submitted lines of a working and names the mistakes in them.

submission    ids, shapes and ways to read what was handed in
tolerance     when two arrays count as equal; ``rounding`` bounds what rounding does to a line
runs          the working with mistakes made in it
alternatives  answers that are right for another convention or another scaling of the cost
search        which mistakes give the submitted numbers
marking       a mark for each line, and the diagnoses
check         all of it together
line_names    the lines that submitted names mean
python_api    ``check_numbers``, for scripts and notebooks without a server
"""

from __future__ import annotations

from backprop_explorer.tutor.checker.check import check
from backprop_explorer.tutor.checker.result import CheckResult, Diagnosis, LineMark, Note

__all__ = ["CheckResult", "Diagnosis", "LineMark", "Note", "check"]
