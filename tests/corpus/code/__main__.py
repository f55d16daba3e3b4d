"""Print how many programs are judged rightly: python -m tests.corpus.code [--seeds 3]."""

from __future__ import annotations

import argparse
import sys

from tests.corpus.code.judged import judge_right, judge_wrong, report_lines


def main() -> int:
    """Print the report. Returns 1 if a requirement is not met, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="draws of numbers for wrong programs")
    parser.add_argument("--right", type=int, help="how many right programs; all of them if not")
    parser.add_argument("--only", default="", help="part of the name of a program")
    options = parser.parse_args()
    wrong = list(judge_wrong(range(options.seeds), options.only))
    right = list(judge_right(options.right, options.only))
    lines, good = report_lines(wrong, right)
    sys.stdout.write("\n".join(lines) + "\n")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
