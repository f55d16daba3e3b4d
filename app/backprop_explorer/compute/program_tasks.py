"""Tasks for programs: the list of the ready ones, and the workings of these and of graphs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from backprop_explorer.compute.catalog import parameters
from backprop_explorer.compute.encoding import Reply, json_reply, picked
from backprop_explorer.compute.graph_requests import GraphRequest
from backprop_explorer.compute.program_answer import program_answer, source_lines
from backprop_explorer.compute.program_check_requests import ProgramCheckRequest
from backprop_explorer.compute.task_options import ProgramOptions
from backprop_explorer.compute.worker_process import STATE
from backprop_explorer.engine.errors import NotFound
from backprop_explorer.experiments.store.base import GRAPH, PROGRAM_CHECK
from backprop_explorer.programs import PROGRAMS, ReadyProgram
from backprop_explorer.record import record
from backprop_explorer.record.lines import check_lines
from backprop_explorer.record.received import received
from backprop_explorer.texts import compute as texts


def programs() -> Reply:
    """The ready programs in the order of the gallery."""
    shown = [
        {
            **picked(each, "name", "title", "topic", "tag", "description", "text", "picture"),
            "shapes": each.shapes.format(**each.all_sizes()),
            "wrt": each.wrt,
            "sizes": parameters(each.sizes),
        }
        for each in PROGRAMS.values()
    ]
    return json_reply({"programs": shown})


def is_program(name: str) -> bool:
    """Whether there is a ready program of this name."""
    return name in PROGRAMS


def is_graph(name: str) -> bool:
    """Whether the store has a recorded program of this id."""
    return STATE.get().explorer.store.get_content(GRAPH, name) is not None


def is_check(name: str) -> bool:
    """Whether the store has a check of a program of this id."""
    return STATE.get().explorer.store.get_content(PROGRAM_CHECK, name) is not None


def program_trace(name: str, seed: int, sizes: Mapping[str, int], options: ProgramOptions) -> Reply:
    """Every line of a ready program's working."""
    if name not in PROGRAMS:
        raise NotFound(texts.no_program(name[:40], ", ".join(PROGRAMS)))
    program = PROGRAMS[name]
    arguments = program.arguments(seed, sizes)
    recording = record(
        program.function, tuple(arguments.values()), wrt=program.wrt, axes_of=program.axes
    )
    answer = program_answer(recording, _source_of(program), options, program.show)
    return json_reply({"seed": seed, "sizes": program.all_sizes(sizes), **answer}, options.arrays)


def _source_of(program: ReadyProgram) -> dict[str, Any]:
    """The text of the function and of those above it in its file."""
    module = sys.modules[program.function.__module__]
    functions = [each for each in vars(module).values() if inspect.isfunction(each)]
    functions = [each for each in functions if each.__module__ == module.__name__]
    last, first = inspect.getsourcelines(program.function)
    begin = min(each.__code__.co_firstlineno for each in functions)
    text = inspect.getsource(module).splitlines()[begin - 1 : first - 1 + len(last)]
    file = f"{program.name}.py"
    lines = [{"file": file, "number": begin + k, "text": each} for k, each in enumerate(text)]
    return {"name": program.name, "title": program.title, "lines": lines}


def keep_graph(request: GraphRequest) -> Reply:
    """Compute a recorded graph, and store it if that is possible."""
    recording = received(request.model_dump(mode="json"))
    check_lines(recording)
    name = STATE.get().explorer.store.put_content(GRAPH, request.canonical())
    answer = {
        "id": name,
        "cost": float(recording.values[recording.cost]),
        "lines": len(recording.graph.nodes),
    }
    location = ("Location", f"/api/v1/graphs/{name}")
    return Reply(orjson.dumps(answer), 201, headers=(location,))


def graph_trace(name: str, options: ProgramOptions) -> Reply:
    """Every line of a stored graph's working."""
    recording = received(orjson.loads(STATE.get().explorer.content(GRAPH, name)))
    answer = program_answer(recording, source_lines(recording), options)
    return json_reply(answer, options.arrays)


def keep_program_check(request: ProgramCheckRequest) -> Reply:
    """Store the check of a program."""
    name = STATE.get().explorer.store.put_content(PROGRAM_CHECK, request.canonical())
    location = ("Location", f"/api/v1/check/programs/{name}")
    return Reply(orjson.dumps({"id": name}), 201, headers=(location,))


def program_check(name: str) -> Reply:
    """A stored check."""
    return Reply(STATE.get().explorer.content(PROGRAM_CHECK, name))
