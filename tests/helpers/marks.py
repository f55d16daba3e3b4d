"""Submitted lines of the corpus, and what the checker says of them."""

from __future__ import annotations

from typing import Any

from backprop_explorer.tutor.checker import CheckResult
from tests.corpus.marks import as_list, mark
from tests.corpus.problems import PROBLEMS, Problem

TWO = PROBLEMS["two layers"].draw(3)
BATCH = PROBLEMS["batch"].draw(3)


def marked(problem: Problem, lines: dict[str, Any], write: Any = as_list) -> CheckResult:
    return mark(problem, {name: write(value) for name, value in lines.items()})[0]


def gradients(lines: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in lines.items() if k.startswith(("dC_dW", "dC_db"))}


def verdicts(result: CheckResult) -> dict[str, str]:
    return {n: m.verdict for n, m in result.lines.items() if m.verdict != "missing"}
