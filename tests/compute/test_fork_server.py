"""The fork server has imported all that workers need before it forks them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from backprop_explorer.compute.fork_server import PRELOAD
from tests.helpers.environment import ROOT, environment

# What a worker imports after its fork, each worker on its own.
REPORT = """
import sys
import {preload}
from backprop_explorer.compute import (
    catalog, export_tasks, lesson_tasks, tasks
)
loaded = set(sys.modules)

import pebble.pool.process
import backprop_explorer.compute.worker_process
from backprop_explorer.compute.check_requests import CHECK_EXAMPLE, CheckRequest
from backprop_explorer.compute.lesson_requests import AnswerRequest
from backprop_explorer.compute.check_requests import PASTE_EXAMPLE, PasteRequest
from backprop_explorer.compute.task_options import Extent, SliceOptions, TraceOptions
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE, TraceRequest
from backprop_explorer.compute.worker_process import STATE, WorkerState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.settings import Settings

settings = Settings(store="{store}")
STATE.set(WorkerState.opened(settings))
recipe = Recipe.model_validate({{"dataset": {{"name": "xor"}}}})
options = TraceOptions("column", None, True, True, True, Extent(), "lists", "both")
tasks.create(recipe)
tasks.frame(recipe.id, 1, Wanted(), "row", "base64")
tasks.frame_trace(recipe.id, 1, 0, options)
tasks.history(recipe.id, 1, 1, 0)
tasks.cost_slice(recipe.id, 1, SliceOptions("gradient", 5, None, "", "", "random", 0), "lists")
tasks.shares(recipe.id, 1, 1, None, True, None, "lists")
for kind in ("notebook", "script", "pytorch", "trace"):
    export_tasks.export_experiment(kind, recipe.id, 1, 0, "column")
for kind in ("history", "data", "weights"):
    export_tasks.export_experiment(kind, recipe.id, 1, None, "column")
tasks.trace(TraceRequest.model_validate(TRACE_EXAMPLE), "lists", "both")
tasks.check(CheckRequest.model_validate(CHECK_EXAMPLE))
tasks.parse(PasteRequest.model_validate(PASTE_EXAMPLE))
tasks.upload("a,b\\n1,2\\n3,4\\n5,6\\n", None, None, None, None, False)
catalog.catalog(settings, "both")
lesson_tasks.lessons()
lesson_tasks.lesson("one-layer-by-hand", 1, {{}}, "both")
lesson_tasks.lesson_head("one-layer-by-hand")
lesson_tasks.mark("one-layer-by-hand", AnswerRequest(card=0, answer=0), "both")
axes = [{{"field": "optimizer.learning_rate", "values": [0.1, 1.0]}}]
sweep = Sweep(recipe=recipe, axes=axes, step=2, measure="cost.train")
tasks.create_sweep(sweep)
tasks.advance_sweep(sweep.id, "", 0, 1)
tasks.sweep_map(sweep.id, "lists")
print(*sorted(set(sys.modules) - loaded))
"""


# What every worker needs.
NEEDED = {
    "backprop_explorer",
    "autograd",
    "latex2mathml",
    "markdown_it",
    "pebble",
    "sqlite3",
    "yaml",
}


def test_workers_import_nothing_more(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(preload=PRELOAD, store=tmp_path / "store.sqlite3")],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "nbformat" in loaded, "few need it: it is imported when a notebook is made"
    own = [name for name in loaded if name.split(".")[0] in NEEDED]
    # The Python file of a lesson is imported with the lesson.
    assert [name for name in own if not name.startswith("backprop_explorer.lessons.content")] == []
