"""``explore``: the explorer itself in a notebook cell."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from html import escape
from http.client import HTTPConnection
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.working import recipe_of
from backprop_explorer.notebook.experiment import Experiment, experiment
from backprop_explorer.notebook.server import local_server
from backprop_explorer.notebook.working import Working
from backprop_explorer.record import ProgramRecording, to_json
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.problem import Problem

# Bounds of a data set of points, as on the page.
MAX_ROWS, MAX_COLUMNS = 1000, 8


@runtime_checkable
class SavedCheck(Protocol):
    """The check of a program, what ``check_code`` returns."""

    def document(self) -> dict[str, Any]:
        """Return what its page reads."""


class EmbeddedExplorer:
    """The explorer at ``url``; a notebook shows it in a frame, a terminal prints the link.

    ``embedded_url`` shows network, ribbon and working alone.
    """

    def __init__(self, url: str, height: int) -> None:
        self.url = url
        self.height = height

    @property
    def embedded_url(self) -> str:
        """The address of the view for a frame."""
        address, mark, fragment = self.url.partition("#")
        return f"{address}?embed=1{mark}{fragment}"

    def __repr__(self) -> str:
        """Return the link."""
        return texts.explorer_at(self.url)

    def _repr_html_(self) -> str:
        """Return the frame, and below it the link for where frames are not shown."""
        url, embedded = escape(self.url, quote=True), escape(self.embedded_url, quote=True)
        return (
            f'<iframe src="{embedded}" title="Backprop Explorer" width="100%" '
            f'height="{self.height}" '
            'style="border:1px solid rgb(127 127 127/.4);border-radius:6px" '
            'allow="clipboard-write"></iframe>'
            f'<div><a href="{url}" target="_blank" rel="noopener">Open in its own tab</a></div>'
        )


def explore(
    what: Working | SavedCheck | Experiment | Recipe | Mapping[str, Any] | None = None,
    *,
    step: int = 0,
    height: int = 560,
) -> EmbeddedExplorer:
    """Show a working, an experiment or a recipe in the explorer.

    The working of a program and the check of one have pages of their own.

    A server on a free port of this machine starts with the first call and ends with the kernel;
    its address has a token. In JupyterHub the address goes through jupyter-server-proxy. A script
    prints the link. Raises InvalidInput for a working that the page cannot show, Unavailable if no
    server starts.
    """
    state: dict[str, Any] = {"step": step} if step else {}
    recording = getattr(what, "recording", None)
    if isinstance(recording, ProgramRecording):
        return _shown(f"graphs/{_kept('graphs', to_json(recording, source=True))}", height)
    if isinstance(what, SavedCheck):
        body = json.dumps(what.document(), ensure_ascii=False, allow_nan=False)
        return _shown(f"check/{_kept('check/programs', body)}", height)
    if isinstance(what, Working):
        recipe = experiment_of(what.problem)
        single = what.problem.notation.single
        state |= {
            "sample": 0 if single else "batch",
            "convention": what.problem.notation.convention.name,
        }
    elif isinstance(what, Experiment):
        recipe = what.recipe.model_dump(mode="json", exclude_defaults=True)
    else:
        checked = experiment(what).recipe
        recipe = checked.model_dump(mode="json", exclude_defaults=True)
    parts = [*state.items(), *leaves(recipe)]
    fragment = "&".join(f"{path}={_written(value)}" for path, value in parts)
    return _shown(f"#{fragment}" if fragment else "", height)


def _shown(path: str, height: int) -> EmbeddedExplorer:
    """The page at a path of this kernel's server."""
    server = local_server()
    shown = EmbeddedExplorer(f"{base_url(server.port)}{server.token}/{path}", height)
    if not _is_interactive():
        # Nothing displays the value of an expression of a script.
        sys.stdout.write(f"{shown!r}\n")
    return shown


def _kept(path: str, body: str) -> str:
    """Send a recording or a check to this kernel's server, and return its id."""
    server = local_server()
    connection = HTTPConnection("127.0.0.1", server.port)
    with closing(connection):
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/{server.token}/api/v1/{path}", body.encode(), headers)
        answer = json.load(connection.getresponse())
    if "id" not in answer:
        first = answer.get("errors", [{}])[0]
        raise InvalidInput(first.get("field", "recording"), first.get("message", str(answer)))
    return str(answer["id"])


def _is_interactive() -> bool:
    """Whether this process displays values: a notebook's kernel, IPython, or Python's prompt."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None or hasattr(sys, "ps1") or "marimo" in sys.modules


def base_url(port: int) -> str:
    """Return the address of a local port as the browser reaches it, with a slash at the end.

    JupyterHub sets JUPYTERHUB_SERVICE_PREFIX; there jupyter-server-proxy serves /proxy/PORT/.
    """
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    return f"{prefix.rstrip('/')}/proxy/{port}/" if prefix else f"http://127.0.0.1:{port}/"


def experiment_of(problem: Problem) -> dict[str, Any]:
    """Return the experiment whose working of all its samples is that of the problem.

    Raises InvalidInput if the page has no such experiment.
    """
    x, target, objective = problem.x, problem.target, problem.objective
    if len(x) > MAX_ROWS or max(x.shape[1], target.shape[1]) > MAX_COLUMNS:
        raise InvalidInput("x", texts.most_samples(MAX_ROWS, MAX_COLUMNS))
    if objective.penalized and objective.biases:
        raise InvalidInput("penalty_on_biases", texts.PENALTY_ON_WEIGHTS)
    return recipe_of(problem, _target_of(target, COSTS[objective.cost].tasks))


def _target_of(target: np.ndarray, tasks: Any) -> dict[str, Any]:
    """Return numbers where the cost takes them, else classes counted from 0."""
    if "regression" in tasks:
        return {"target": target[:, 0].tolist() if target.shape[1] == 1 else target.tolist()}
    whole = bool(np.isin(target, (0.0, 1.0)).all())
    if not whole or (target.shape[1] > 1 and (target.sum(axis=1) != 1.0).any()):
        raise InvalidInput("target", texts.ONE_CLASS)
    classes = target[:, 0] if target.shape[1] == 1 else target.argmax(axis=1)
    count = max(2, target.shape[1])
    return {
        "target": classes.astype(int).tolist(),
        "classes": [texts.class_title(k) for k in range(count)],
    }


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of nested objects and lists of objects; other lists are one value."""
    items: list[tuple[Any, Any]] | None = None
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
        items = list(enumerate(value))
    if items is None:
        yield path, value
        return
    for key, inner in items:
        yield from leaves(inner, f"{path}.{key}" if path else str(key))


def _written(value: Any) -> str:
    """Return a value as the address has it: JSON, but text alone where it is not read as JSON."""
    text = json.dumps(value)
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            text = value
    return quote(text, safe=",:[]")
