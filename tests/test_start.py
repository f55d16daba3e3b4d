"""What the web process loads before it listens: nothing that only workers compute with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.environment import ROOT, environment

# Workers read lessons, mark, prove, draw and write files; the web process routes and validates.
LATER = {
    *("autograd", "latex2mathml", "llvmlite", "markdown_it", "PIL", "scipy", "sklearn", "yaml"),
    "backprop_explorer.api.answers",
    "backprop_explorer.classroom.questions",
    "backprop_explorer.compute.catalog",
    "backprop_explorer.compute.export_tasks",
    "backprop_explorer.compute.lesson_tasks",
    "backprop_explorer.compute.tasks",
    "backprop_explorer.engine.trace",
    "backprop_explorer.experiments.explorer",
    "backprop_explorer.exports.files",
    "backprop_explorer.lessons.library",
    "backprop_explorer.lessons.questions",
    "backprop_explorer.proof",
    "backprop_explorer.tutor.checker",
    "backprop_explorer.tutor.mistakes",
    "backprop_explorer.tutor.reading.arrays",
}
SCRIPT = """
import sys
from backprop_explorer.main import create_app
create_app()
print(*sys.modules)
"""


def test_the_web_process_starts_without_what_workers_compute_with(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment(XDG_DATA_HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "backprop_explorer.api.routes.frames" in loaded
    assert sorted(LATER & loaded) == []
