"""Ready programs: NumPy functions whose backward pass can be looked at line by line.

To add one, add a file with a ``PROGRAM`` to ``content``.
"""

from backprop_explorer.programs.catalog import PROGRAMS
from backprop_explorer.programs.program import ReadyProgram

__all__ = ["PROGRAMS", "ReadyProgram"]
