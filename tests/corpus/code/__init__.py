"""Student programs as source text: right ones, and each with one line replaced by a wrong one."""
