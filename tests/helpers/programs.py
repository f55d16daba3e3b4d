"""Running programs in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.helpers.environment import environment

RUNNER = """
import contextlib, io, json, re, sys, traceback
import numpy as np

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)


results, blocked = {}, json.loads(sys.argv[1])
sys.meta_path.insert(0, Blocked())
line = re.compile(r"[za][0-9]+|C|C_data|dC_d[zaWb][0-9]+|[Wb][0-9]+_next|parameters|X|Y")
for path in sys.argv[2:]:
    names = {"__name__": "__main__"}
    said = io.StringIO()
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        cells = [text]
        if path.endswith(".ipynb"):
            cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
            cells = ["".join(cell["source"]) for cell in cells]
        with contextlib.redirect_stdout(said):
            for cell in cells:
                exec(compile(cell, path, "exec"), names)
        kept = {k: v for k, v in names.items() if line.fullmatch(k)}
        results[path] = {"error": None, "said": said.getvalue(), "values": kept}
    except Exception:
        results[path] = {"error": traceback.format_exc(), "said": said.getvalue(), "values": {}}
json.dump(results, sys.stdout, default=lambda v: np.asarray(v).tolist())
"""


def run(
    folder: Path, programs: dict[str, bytes], blocked: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Run scripts and notebooks (by their file names), each in a namespace of its own.

    They cannot import the modules ``blocked``.
    Returns for each its ``error``, what it ``said`` and the ``values`` of its lines. They share one
    new process, in which every NumPy warning is an error: importing scikit-learn takes a second.
    """
    for name, content in programs.items():
        (folder / name).write_bytes(content)
    python = [sys.executable, "-W", "error::RuntimeWarning"]
    done = subprocess.run(
        [*python, "-c", RUNNER, json.dumps(blocked), *programs],
        cwd=folder,
        env=environment(OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return results
