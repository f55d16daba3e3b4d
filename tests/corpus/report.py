"""The corpus report: python -m tests.corpus.report [--seeds 5] [--right 1000] [--gaming 10000]

It ends with the programs of students that ``check_code`` runs: python -m tests.corpus.code.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict

import numpy as np

from tests.corpus.carried import (
    MAX_GAMING_SHARE,
    gaming_submission,
    honest_submission,
    share_carried,
    submissions,
)
from tests.corpus.code.judged import judge_right, judge_wrong, report_lines
from tests.corpus.marks import Marked, mark_case, wrong_cases
from tests.corpus.real import (
    GRADES,
    MIN_AS_EXPECTED,
    mark_real,
    real_cases,
    serious,
    share_as_expected,
)
from tests.corpus.right import right_cases

MIN_FIRST_RIGHT = 0.95


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Print the report. Returns 1 if a requirement is not met, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--right", type=int, default=1000)
    parser.add_argument("--gaming", type=int, default=10_000)
    parser.add_argument("--honest", type=int, default=5_000)
    parser.add_argument("--programs", type=int, default=1, help="seeds of the wrong programs")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    marked = [mark_case(case) for case in wrong_cases(range(options.seeds))]
    by_name: dict[str, list[Marked]] = defaultdict(list)
    for one in marked:
        by_name[" + ".join(one.case.student.made)].append(one)
    say(f"{'misconception':58} cases  first   named  called correct")
    for name, some in by_name.items():
        first = sum(one.first_right for one in some)
        named = sum(one.all_named for one in some)
        correct = sum(one.result.verdict == "correct" for one in some)
        say(f"{name:58} {len(some):5} {first:6} {named:7} {correct:15}")
    first = sum(one.first_right for one in marked)
    called = [one for one in marked if one.result.verdict == "correct"]
    seconds = np.array([one.seconds for one in marked])
    say(
        f"\n{len(marked)} wrong submissions: first diagnosis right in {first} "
        f"({100 * first / len(marked):.1f} %), called correct {len(called)}; "
        f"median {1e3 * np.median(seconds):.0f} ms, longest {1e3 * seconds.max():.0f} ms"
    )
    for one in marked:
        if not one.first_right:
            say(f"  {one.case.name}: {one.result.verdict}, {', '.join(one.named) or 'nothing'}")

    refused = [case for case in right_cases(options.right) if case.verdict != "correct"]
    say(f"\n{options.right} right submissions: called wrong {len(refused)}")
    for case in refused[:20]:
        say(f"  {case.name}: {case.summary}")
    real = real_students()
    fair = follow_through(options.gaming, options.honest, options.processes)
    lines, programs = report_lines(list(judge_wrong(range(options.programs))), list(judge_right()))
    say("\n" + "\n".join(lines))
    return int(
        first < MIN_FIRST_RIGHT * len(marked)
        or bool(called)
        or bool(refused)
        or not real
        or not fair
        or not programs
    )


def real_students() -> bool:
    """Report the answers to real programs; True if they are as good as required."""
    marks = [mark_real(case) for case in real_cases()]
    grades = Counter(mark.grade for mark in marks if mark.case.expressible)
    seconds = np.array([mark.seconds for mark in marks])
    say(
        f"\n{sum(grades.values())} submissions of real programs: "
        + ", ".join(f"{grade} {grades[grade]}" for grade in GRADES)
        + f"; median {1e3 * np.median(seconds):.0f} ms, longest {1e3 * seconds.max():.0f} ms"
    )
    for mark in marks:
        if mark.case.expressible and mark.grade != "right":
            say(f"  {mark.case.id}: {mark.grade}, {', '.join(mark.named) or 'nothing'}")
    return share_as_expected(marks) >= MIN_AS_EXPECTED and not serious(marks)


def follow_through(gaming: int, honest: int, processes: int) -> bool:
    """Report the lines marked ``follows``; True if gaming gets few and honest work gets all."""
    worked = submissions(honest_submission, honest, processes)
    lost = [one for one in worked if one.refused]
    carried = sum(len(one.carried) for one in worked)
    say(
        f"\n{honest} submissions with one mistake: {carried} lines follow from it,"
        f" {sum(len(one.refused) for one in lost)} are refused"
    )
    for one in lost[:20]:
        say(f"  {one.name}: {', '.join(one.refused)}")
    share = share_carried(submissions(gaming_submission, gaming, processes))
    say(f"{gaming} gaming submissions: {100 * share:.2f} % of their later lines count as following")
    return share <= MAX_GAMING_SHARE and not lost


if __name__ == "__main__":
    sys.exit(main())
