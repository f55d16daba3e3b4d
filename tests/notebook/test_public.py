"""The public names of the package, and what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import backprop_explorer as bx
from tests.helpers.environment import ROOT, environment
from tests.notebook import typed_example


def test_every_public_name_exists_and_is_documented() -> None:
    for name in bx.__all__:
        assert getattr(bx, name).__doc__, name
    assert sorted(bx.__all__) == [name for name in dir(bx) if not name.startswith("__")]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="tracee"):
        _ = bx.tracee


def loaded(statement: str) -> set[str]:
    """The packages that a new process has loaded after ``statement``."""
    found = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import sys, backprop_explorer as bx; {statement}; print(*sys.modules)",
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in found.stdout.split()}


def test_importing_the_package_imports_nothing_else() -> None:
    """The import must take less than 0.3 s on any machine, so it must not load NumPy."""
    assert not loaded("pass") & {"numpy", "plotly", "IPython", "autograd", "pydantic"}


def test_a_trace_loads_neither_autograd_nor_plotly() -> None:
    found = loaded("bx.trace([([[1.0]], [0.0])], [1.0], [0.0])")
    assert not found & {"plotly", "IPython", "autograd", "pydantic", "sklearn"}


def test_the_public_functions_load_nothing_that_only_their_calls_need() -> None:
    """With NumPy they must load in less than 0.3 s: no entry of this list is small."""
    found = loaded("bx.trace, bx.check, bx.check_code, bx.experiment")
    drawing = {"plotly", "IPython", "pygments", "PIL", "matplotlib", "latex2mathml", "ziamath"}
    computing = {"autograd", "scipy", "sklearn", "pandas", "torch", "llvmlite", "multiprocessing"}
    serving = {"pydantic", "orjson", "sqlite3", "asyncio", "ssl", "http", "fastapi", "starlette"}
    assert not found & (drawing | computing | serving)


def test_an_experiment_loads_nothing_of_a_server() -> None:
    """A server's settings load asyncio and ssl: a sixth of the time to the first experiment."""
    found = loaded('bx.experiment({"dataset": {"name": "moons"}})')
    assert not found & {"plotly", "IPython", "autograd", "pydantic_settings", "asyncio", "ssl"}


def test_results_have_types() -> None:
    """``make check`` checks the types of the example, which runs here."""
    assert (ROOT / "app" / "backprop_explorer" / "py.typed").is_file()
    assert typed_example.gradient_norms(typed_example.example()) == [2.0]


def test_functions_show_their_options() -> None:
    """Jupyter and ``help`` show what a function takes; a wrong name is refused."""
    options = ["activations", "cost", "reduction", "convention", "l1", "l2", "penalty_on_biases"]
    for function in (bx.trace, bx.check, bx.check_code):
        shown = inspect.signature(function).parameters
        assert [name for name in shown if name in options] == options
        assert shown["cost"].default == "mse"
    with pytest.raises(TypeError, match="activatons"):
        bx.trace([([[1.0]], [0.0])], [1.0], [0.0], activatons="tanh")
