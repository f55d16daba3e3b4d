"""Submissions that try to get a verdict without a check: ``hostile``, each with what it gets.

The first line of each has the exit status, and what the report says.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.environment import environment
from tests.helpers.processes import wait_until

FILES = sorted(
    path
    for path in (Path(__file__).parent / "hostile").glob("*.py")
    if path.stem not in ("right", "wrong")
)
GIVEN = {
    "layers": [{"W": [[0.5, -0.3], [0.8, 0.2]], "b": [0.1, -0.1], "activation": "sigmoid"}],
    "x": [0.6, -1.2],
    "target": [1.0, 0.0],
}


def expected(path: Path) -> tuple[int, str]:
    """The exit status that a submission gets, and what is said."""
    status, _, says = path.read_text().partition("\n")[0].removeprefix("# ").partition(": ")
    return int(status), says


class Run:
    """The command with one submission, in a folder of its own.

    Only a submission that the time limit ends has a short one: the others would reach it where
    the machine is busy.
    """

    def __init__(self, path: Path, folder: Path, time_limit: str = "30") -> None:
        given = folder / "given.json"
        given.write_text(json.dumps(GIVEN))
        self.report = folder / f"{path.stem}.xml"
        self.mark = f"HOSTILE={path.stem}-{os.getpid()}"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "backprop_explorer", "check", f"{path}::backprop"),
                *("--given", str(given), "--junit", str(self.report)),
                *("--time-limit", time_limit, "--memory-limit", "0.5"),
            ],
            env=environment(HOSTILE=self.mark.partition("=")[2]),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.status, self.said = done.returncode, done.stdout + done.stderr

    def left(self) -> list[str]:
        """Processes of the submission that have not ended."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                found += [path.parent.name] if self.mark.encode() in path.read_bytes() else []
            except OSError:  # it has ended
                continue
        return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Future[Run]]:
    """All of them at once: most wait for the time limit."""
    with ThreadPoolExecutor(8) as threads:
        return {
            path: threads.submit(
                Run,
                path,
                tmp_path_factory.mktemp(path.stem),
                "2" if any(word in expected(path)[1] for word in ("after", "time")) else "30",
            )
            for path in FILES
        }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_verdict_needs_a_check(runs: dict[Path, Future[Run]], path: Path) -> None:
    status, says = expected(path)
    run = runs[path].result()
    assert run.status == status, run.said
    suite = ET.parse(run.report).getroot()
    kind = "failures" if run.status == 1 else "errors"
    assert suite.get(kind) == "1"
    assert says in (suite[0][0].text or "")
    if run.status >= 0:
        assert says in run.said
        # Without its parent, the end of its pipe or the limit of its processor time ends it.
        wait_until(lambda: not run.left())


def test_a_right_submission_is_correct(tmp_path: Path) -> None:
    run = Run(FILES[0].with_stem("right"), tmp_path)
    assert run.status == 0, run.said
