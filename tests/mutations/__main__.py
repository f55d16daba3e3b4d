"""Run the planted defects: ``python -m tests.mutations [word in a file's or a test's path]``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.helpers.environment import ROOT
from tests.mutations import Mutation
from tests.mutations.page import PAGE
from tests.mutations.program import PROGRAM

FAILED = 1  # pytest's exit code where tests ran and some failed


def copy_checkout(target: Path) -> None:
    """Copy what git knows of, with changes that are not committed."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def found(mutation: Mutation, checkout: Path) -> bool:
    """Plant a defect in ``checkout``, run its tests, and take it out again."""
    file = checkout / mutation.file
    original = file.read_text()
    if original.count(mutation.before) != 1:
        sys.exit(f"{mutation.file} does not have exactly one {mutation.before!r}")
    file.write_text(original.replace(mutation.before, mutation.after))
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-n0", *mutation.tests],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout / "app")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        file.write_text(original)
    if run.returncode not in (0, FAILED):
        sys.exit(f"pytest {' '.join(mutation.tests)} did not run:\n{run.stdout}{run.stderr}")
    return run.returncode == FAILED


def main(words: list[str]) -> int:
    """Say of each defect whether it is found; return 1 if one is not."""
    chosen = [
        each
        for each in (*PAGE, *PROGRAM)
        if all(any(word in path for path in (each.file, *each.tests)) for word in words)
    ]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder)
        copy_checkout(checkout)
        for number, mutation in enumerate(chosen, 1):
            seen = found(mutation, checkout)
            missed += not seen
            change = f"{mutation.before.strip()!r} -> {mutation.after.strip()!r}"
            verdict = "found " if seen else "MISSED"
            print(f"{number}/{len(chosen)} {verdict} {mutation.file}: {change}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} found")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
