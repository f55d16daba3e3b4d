"""The tasks that write export files, and the picture of a shared link."""

from __future__ import annotations

from backprop_explorer.compute.encoding import Reply
from backprop_explorer.compute.trace_answer import trace_answer
from backprop_explorer.compute.trace_requests import TraceRequest
from backprop_explorer.compute.worker_process import STATE
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.exports import EXPORTS, Export
from backprop_explorer.exports.picture import Picture, make_picture
from backprop_explorer.exports.subject import ExportedWorking, Subject
from backprop_explorer.texts import compute as texts

# About 70 kB each. Every reader of a message with a link asks for the same one.
MOST_PICTURES = 64
# A picture of an experiment, step, sample and line never changes.
PICTURE_CACHE = ("Cache-Control", "public, max-age=31536000, immutable")


def export_experiment(
    kind: str, name: str, step: int, sample: int | None, convention: str
) -> Reply:
    """A file for a whole experiment, or for one backpropagation of it."""
    export, explorer = EXPORTS[kind], STATE.get().explorer
    initial_state = explorer.initial_state(name)
    notation = Notation.of(
        convention, single=sample is not None, reduction=initial_state.objective.reduction
    )
    snapshot = explorer.snapshot(name, step)
    if not export.of_working:
        return _reply(export, Subject(about(initial_state, snapshot.step, None), at=snapshot))
    trace, reached, rows = explorer.trace(name, snapshot.step, sample)
    working = ExportedWorking(
        trace,
        notation,
        snapshot.update,
        lambda: {"step": reached, "rows": rows, **trace_answer(trace, notation, verify=True)},
        sample,
    )
    return _reply(export, Subject(about(initial_state, reached, sample), working, snapshot))


def export_givens(kind: str, request: TraceRequest) -> Reply:
    """A program for the backpropagation of given numbers, without Jacobians."""
    given = request.model_copy(update={"jacobians": False})
    problem = given.problem(STATE.get().limits)
    working = ExportedWorking(problem.trace, problem.notation, problem.update, dict)
    return _reply(EXPORTS[kind], Subject(texts.GIVEN_WORKING, working))


def export_picture(name: str, step: int, sample: int | None, line: str) -> Reply:
    """The network at one line of the working, as PNG.

    Raises InvalidInput (field "line") if the working has no such line.
    """
    state = STATE.get()
    explorer = state.explorer
    initial_state = explorer.initial_state(name)
    key = (name, step, sample, line)
    if key not in state.pictures:
        trace, reached, _ = explorer.trace(name, step, sample)
        shown = next((each for each in trace.lines if each.node.id == line), None)
        if shown is None:
            raise InvalidInput("line", texts.NO_SUCH_LINE)
        sizes = "-".join(map(str, (trace.network.inputs, *(n.units for n in trace.network.layers))))
        name_of_data = initial_state.recipe.dataset.name
        about = texts.picture_of(name_of_data, sizes, reached, f"{trace.cost:.4g}")
        picture = Picture(trace, shown, about)
        state.pictures[key] = make_picture(picture)
        while len(state.pictures) > MOST_PICTURES:
            state.pictures.popitem(last=False)
    return Reply(state.pictures[key], media_type="image/png", headers=(PICTURE_CACHE,))


def _reply(export: Export, subject: Subject) -> Reply:
    disposition = f'attachment; filename="{subject.stem}{export.suffix}"'
    return Reply(
        export.make(subject),
        media_type=export.media_type,
        headers=(("Content-Disposition", disposition),),
    )


def about(initial_state: InitialState, step: int, sample: int | None) -> str:
    """Describe an experiment at a step in one line. No text that a user typed is in it."""
    recipe = initial_state.recipe
    sizes = "-".join(
        str(n) for n in (initial_state.network.inputs, *(x.units for x in recipe.network.layers))
    )
    what = texts.BATCH if sample is None else texts.training_sample(sample)
    return texts.experiment_title(
        recipe.id, recipe.dataset.name, sizes, recipe.cost.name, recipe.optimizer.name, what, step
    )
