"""Readers of printed and pasted numbers.

dialects        layouts of R, MATLAB, LaTeX and others, written as NumPy does
tokens          tokenizer of both readers
arrays          strict reader: one array, or several named arrays, and no other text
transcript      recovering reader: text from a notebook; reports what it cannot read
source_code     detects Python code and error messages, so that their numbers are skipped
decimal_comma   numbers such as 0,5
pandas_tables   Series and DataFrames
written_names   names of several tokens, and those of PyTorch's parameters
printed_array   values of an array, with their rounding errors
"""

from __future__ import annotations

# Of one submitted line, in characters.
MAX_TEXT = 4_000_000
# Of a pasted text with several arrays.
MAX_PASTED = 500_000
