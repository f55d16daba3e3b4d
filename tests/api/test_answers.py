"""The answer schemas: real answers of every route have exactly the fields that are described."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter

from backprop_explorer.api.answers.base import Answer, ProblemDetails, TrainingProgress
from backprop_explorer.api.answers.catalog import CatalogAnswer
from backprop_explorer.api.answers.checks import CheckAnswer, ParseAnswer
from backprop_explorer.api.answers.experiments import (
    DataAnswer,
    DatasetAnswer,
    ExperimentAnswer,
    SweepAnswer,
    SweepCellAnswer,
    SweepMapAnswer,
    SweepProgress,
)
from backprop_explorer.api.answers.frames import FrameAnswer, HistoryPoint
from backprop_explorer.api.answers.lessons import (
    AnswerMark,
    HintAnswer,
    LessonAnswer,
    LessonsAnswer,
    LessonSheet,
    SolutionAnswer,
)
from backprop_explorer.api.answers.programs import (
    GraphKept,
    ProgramCheckKept,
    ProgramCheckRequest,
    ProgramsAnswer,
    ProgramTrace,
    ReadyProgramTrace,
)
from backprop_explorer.api.answers.rooms import RoomOpened
from backprop_explorer.api.answers.slices import SharesAnswer, SliceAnswer
from backprop_explorer.api.answers.traces import (
    FrameTraceAnswer,
    NotebookFile,
    StepsAnswer,
    TraceAnswer,
    TraceFile,
)
from backprop_explorer.api.routes.programs import FIRST_CHECK, FIRST_GRAPH
from backprop_explorer.api.routes.sweeps import SWEEP_EXAMPLE
from backprop_explorer.compute.graph_requests import GRAPH_EXAMPLE
from backprop_explorer.compute.lesson_requests import (
    ANSWER_EXAMPLE,
    CARDS_EXAMPLE,
    HINT_EXAMPLE,
    SOLUTION_EXAMPLE,
)
from backprop_explorer.compute.program_check_requests import CHECK_OF_PROGRAM
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, keep
from tests.helpers.cases import covering, exhaustive
from tests.helpers.clients import Client, MakeClient
from tests.helpers.lesson_features import kinds_of_cards
from tests.helpers.lessons import LESSONS, right_answers
from tests.helpers.openapi import document, operations
from tests.helpers.rooms import HEADERS, ROOM_CALLS, example_room

SUBMITTED = {
    "z1": [0.66, 0.24], "a1": [0.0, 0.0], "a2": [[0.5, 0.5]], "C": "nan",
    "dC_dW2": [[-0.2, -0.3]], "dC_db2": [-0.4],
}  # fmt: skip
PASTED = "\n".join((
    "X = [[0.6 -1.2] [0.5 0.25]]", "y = [[1.] [0.]]", "W1 = [[0.5] [-0.3]]", "b1 = [0.1]",
    "a1 = [[0.68135373] [0.56831998]]", "delta1 = [[-0.03459078] [0.07]]",
))  # fmt: skip
PRINTED = "dW1 = [[0.1, 0.2]]\ndb1 = [1,2]\nC = 1,5\n[nan]\nloss: high\n?!"


def recipe(dataset: str, outputs: int, **more: Any) -> dict[str, Any]:
    """A small network of ReLU for a data set; a regression if it has no classes."""
    last = {"units": outputs, "activation": "softmax" if outputs > 1 else "identity"}
    layers = [{"units": 3, "activation": "relu"}, last]
    cost = {"name": "cross_entropy" if outputs > 1 else "mse"}
    return {"dataset": {"name": dataset}, "network": {"layers": layers}, "cost": cost, **more}


# (method, path, body, status, model); {first}, {curve}, … are experiments.
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "first": {},
    "curve": recipe("sine", 1),
    "surface": recipe("plane", 1),
    "classes": recipe("iris", 3),
    "pictures": recipe("digits", 10),
    "diverged": recipe("plane", 1, optimizer={"name": "sgd", "learning_rate": 1e5}),
    "untested": {"dataset": {"name": "moons", "test_fraction": 0}},
    "vanishing": {
        "network": {"layers": [{"units": 6, "activation": "sigmoid"} for _ in range(9)]
        + [{"units": 1, "activation": "sigmoid"}]}
    },
}  # fmt: skip
SWEEPS: dict[str, dict[str, Any]] = {
    "sweep": {**SWEEP_EXAMPLE, "repeats": 2},
    "long": {**SWEEP_EXAMPLE, "step": 1_000_000},
}
CALLS: list[tuple[str, str, Any, int, Any]] = [
    ("GET", "/catalog", None, 200, CatalogAnswer),
    ("POST", "/trace", TRACE_EXAMPLE, 200, TraceAnswer),
    ("POST", "/trace?arrays=base64", TRACE_EXAMPLE, 200, TraceAnswer),
    ("POST", "/trace", {**TRACE_EXAMPLE, "jacobians": True, "verify": False}, 200, TraceAnswer),
    ("POST", "/trace",
     {**TRACE_EXAMPLE, "x": [[1e90, 1e90]], "target": [[1e90]],
      "layers": [{"W": [[1e90, 1e90]], "b": [0.0], "activation": "identity"},
                 {"W": [[1e90]], "b": [0.0], "activation": "identity"}]},
     200, TraceAnswer),
    ("POST", "/check", {**TRACE_EXAMPLE, "submitted": SUBMITTED}, 200, CheckAnswer),
    *(("POST", "/check", {"settings": "infer", "submitted": text}, 200, CheckAnswer)
      for text in (PASTED, f"{PASTED}\nW1_new = [[0.4] [0.8]]\nfoo = [5 7 9]\noops", "")),
    ("POST", "/check/parse", {"text": PRINTED}, 200, ParseAnswer),
    ("POST", "/datasets", {"csv": "a,b\n1.5,x\n2.5,y\n"}, 201, DatasetAnswer),
    ("POST", "/experiments", {}, 201, ExperimentAnswer),
    ("GET", "/programs", None, 200, ProgramsAnswer),
    ("GET", "/programs/batch_norm/trace?entries=3", None, 200, ReadyProgramTrace),
    ("GET", "/programs/conv_digit/trace?seed=2&sizes=filters:1&arrays=base64&entries=99", None, 200,
     ReadyProgramTrace),
    ("GET", "/programs/rnn/trace?verify=false&formulas=none&lines=dC_dWh", None, 200,
     ReadyProgramTrace),
    *(("GET", f"/programs/{name}/trace", None, 200, ReadyProgramTrace)
      for name in ("attention", "hinge")),
    ("POST", "/graphs", GRAPH_EXAMPLE, 201, GraphKept),
    ("GET", f"/graphs/{FIRST_GRAPH}/trace", None, 200, ProgramTrace),
    ("POST", "/check/programs", CHECK_OF_PROGRAM, 201, ProgramCheckKept),
    ("GET", f"/check/programs/{FIRST_CHECK}", None, 200, ProgramCheckRequest),
    ("GET", "/lessons", None, 200, LessonsAnswer),
    ("POST", "/lessons/one-layer-by-hand/answer", ANSWER_EXAMPLE, 200, AnswerMark),
    ("POST", "/lessons/one-layer-by-hand/solution", SOLUTION_EXAMPLE, 200, SolutionAnswer),
    ("POST", "/lessons/one-layer-by-hand/hint", HINT_EXAMPLE, 200, HintAnswer),
    ("POST", "/lessons/one-layer-by-hand/cards", CARDS_EXAMPLE, 200, LessonAnswer),
    ("GET", "/lessons/one-layer-by-hand/sheet", None, 200, LessonSheet),
    ("GET", "/lessons/one-layer-by-hand", None, 200, LessonAnswer),
    *(("GET", f"{{{name}}}", None, 200, ExperimentAnswer) for name in EXPERIMENTS),
    *(("GET", f"{{{name}}}/data", None, 200, DataAnswer) for name in EXPERIMENTS),
    *(("GET", f"{{{name}}}/frames/20", None, 200, FrameAnswer) for name in EXPERIMENTS),
    ("GET", "{first}/data?arrays=base64", None, 200, DataAnswer),
    ("GET", "{first}/frames/5?arrays=base64", None, 200, FrameAnswer),
    ("GET", "{classes}/frames/5?arrays=base64&sample=3", None, 200, FrameAnswer),
    ("GET", "{first}/frames/5?include=", None, 200, FrameAnswer),
    ("GET", "{first}/frames/9000000", None, 202, TrainingProgress),
    ("GET", "{first}/frames/5/trace", None, 200, FrameTraceAnswer),
    ("GET", "{first}/frames/5/trace?sample=0&entries=3", None, 200, FrameTraceAnswer),
    ("GET", "{first}/frames/5/trace?lines=W1&verify=false", None, 200, FrameTraceAnswer),
    ("GET", "{first}/steps?first=5&count=2", None, 200, StepsAnswer),
    ("GET", "{classes}/steps?first=5&arrays=base64&sample=3&entries=3", None, 200, StepsAnswer),
    ("GET", "{diverged}/steps?first=0&count=9&formulas=none", None, 200, StepsAnswer),
    ("GET", "{first}/steps?first=9000000", None, 202, TrainingProgress),
    ("GET", "{first}/frames/5/slice?points=3", None, 200, SliceAnswer),
    ("GET", "{first}/frames/5/slice?points=3&kind=plane", None, 200, SliceAnswer),
    ("GET", "{first}/frames/5/slice?points=3&kind=weights&a=b1[0]&b=b1[1]", None, 200, SliceAnswer),
    ("GET", "{first}/frames/5/slice?points=3&kind=plane&arrays=base64", None, 200, SliceAnswer),
    ("GET", "{first}/frames/5/shares", None, 200, SharesAnswer),
    ("GET", "{first}/frames/5/shares?entry=W[0,0]&full=true", None, 200, SharesAnswer),
    ("GET", "{first}/frames/5/shares?full=true&arrays=base64", None, 200, SharesAnswer),
    ("GET", "{first}/export/trace?step=5", None, 200, TraceFile),
    ("GET", "{first}/export/notebook?step=5", None, 200, NotebookFile),
    ("GET", "{first}/export/notebook?step=9000000", None, 202, TrainingProgress),
    ("POST", "/sweeps", SWEEP_EXAMPLE, 201, SweepAnswer),
    ("GET", "{sweep}", None, 200, SweepMapAnswer),
    ("GET", "{sweep}?arrays=base64", None, 200, SweepMapAnswer),
    ("GET", "{long}", None, 202, SweepProgress),
    ("GET", "{sweep}/cells/0/1", None, 200, SweepCellAnswer),
    ("POST", "/rooms", {}, 201, RoomOpened),
    *ROOM_CALLS,
    ("GET", "/lessons/none", None, 404, ProblemDetails),
    ("POST", "/trace", {}, 422, ProblemDetails),
    ("POST", "/check", [], 422, ProblemDetails),
    ("POST", "/datasets", {"csv": "a,b\n1.5,x\n2.5\n"}, 422, ProblemDetails),
]  # fmt: skip
# Answers that are no JSON document: files and one JSON object per line.
NO_JSON = {
    "application/octet-stream", "application/x-ndjson", "image/png", "text/csv; charset=utf-8",
    "text/event-stream", "text/x-python; charset=utf-8",
}  # fmt: skip


def lesson_calls(names: Iterable[str]) -> Iterator[tuple[str, str, Any, int, Any]]:
    """Calls for all cards of lessons: in a test, since making cards takes long."""
    for name in names:
        answers = {"answers": right_answers(name, 1)}
        yield ("POST", f"/lessons/{name}/cards", answers, 200, LessonAnswer)
        yield ("GET", f"/lessons/{name}/sheet", None, 200, LessonSheet)


def _last(call: tuple[str, str, Any, int, Any]) -> tuple[bool, bool]:
    """Calls that change what others find come last."""
    return (call[0] == "DELETE", call[3] == 202)


class Answers:
    """Real answers read as their models, and the fields that each model was seen with."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: dict[type[BaseModel], set[str]] = defaultdict(set)
        self.places = {name: keep(client, **given) for name, given in EXPERIMENTS.items()}
        for name, body in SWEEPS.items():
            made = client.post(f"{API}/sweeps", json=body).json()
            self.places[name] = f"{API}/sweeps/{made['id']}"

    def ask(self, method: str, path: str, body: Any) -> Any:
        """The response; a path that names an experiment begins with its own."""
        name, _, rest = path.removeprefix("{").partition("}")
        url = self.places[name] + rest if path.startswith("{") else API + path
        sent = {} if body is None else {"json": body}
        return self.client.request(method, url, headers=HEADERS, **sent)

    def read(self, content: bytes, model: Any) -> Any:
        """The content as ``model``: types to the letter, no field unknown, none missing."""
        # A recipe is the model of a request: it makes tuples of lists, which strictness refuses.
        strict = model not in (ExperimentAnswer, SweepAnswer, SweepMapAnswer, SweepCellAnswer)
        found = TypeAdapter(model).validate_json(content, strict=strict)
        self._note(found)
        return found

    def _note(self, found: Any) -> None:
        if isinstance(found, BaseModel):
            self.seen[type(found)] |= found.model_fields_set
            for name in found.model_fields_set:
                self._note(getattr(found, name))
        elif isinstance(found, dict | list | tuple):
            for each in found.values() if isinstance(found, dict) else found:
                self._note(each)


@pytest.fixture
def answers(tmp_path: Path, settings: Settings, make_client: MakeClient) -> Answers:
    """Of a server with a table of its own in the catalog."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = "".join(f"{k % 7}.5,{'yes' if k % 3 else 'no'}\n" for k in range(30))
    (folder / "rain.csv").write_text(f"pressure,rain\n{rows}")
    given = settings.model_copy(update={"datasets": (str(folder),)})
    return Answers(make_client(create_app(given)))


@pytest.mark.parametrize(
    "lessons", [covering(kinds_of_cards()), exhaustive(LESSONS)], ids=["few", "all"]
)
def test_answers_have_exactly_the_fields_of_their_schemas(
    answers: Answers, lessons: Iterable[str]
) -> None:
    example_room(answers.client)
    calls = [*CALLS, *lesson_calls(lessons)]
    for method, path, body, status, model in sorted(calls, key=_last):
        if status == 202:
            # Without a time budget a far step answers after one slice of training.
            answers.client.app.state.pool.hurry()
        response = answers.ask(method, path, body)
        assert response.status_code == status, (path, response.text[:300])
        answers.read(response.content, model)
    points = answers.ask("GET", "{first}/history?until=20", None).content.splitlines()
    assert len(points) == 3
    for point in points:
        answers.read(point, HistoryPoint)
    never = {
        f"{model.__name__}.{name}"
        for model in _models(Answer)
        for name in model.model_fields.keys() - answers.seen[model]
        if not model.__name__.startswith("_")
    }
    # These have tests of their own.
    never -= {"CheckNote.factor", "LayerActivation.layer", "LayerActivation.activation"}
    # Of an event stream.
    never -= {"FollowedState.room", "FollowedState.state"}
    # Givens are finite, but lines and givens are made alike.
    assert never == {"TraceGiven.finite", "ProgramGiven.finite", "ProgramStep.finite"}


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def test_the_factor_of_another_scaling_is_in_the_schema(answers: Answers) -> None:
    lines = answers.ask("POST", "/trace", {**TRACE_EXAMPLE, "reduction": "sum"}).json()["lines"]
    [C] = [line["value"] for line in lines if line["id"] == "C"]
    dC_dz2 = next(line["value"] for line in lines if line["id"] == "dC_dz2")
    body = {**TRACE_EXAMPLE, "reduction": "half_sum", "submitted": {"C": C, "dC_dz2": dC_dz2}}
    found = answers.read(answers.ask("POST", "/check", body).content, CheckAnswer)
    assert [note.factor for note in found.notes] == [2.0]


def test_the_activation_that_was_used_is_in_the_schema(answers: Answers) -> None:
    first, *others = TRACE_EXAMPLE["layers"]
    used = {**TRACE_EXAMPLE, "layers": [{**first, "activation": "tanh"}, *others]}
    lines = answers.ask("POST", "/trace", used).json()["lines"]
    submitted = {line["id"]: line["value"] for line in lines if line["id"] in ("z1", "a1")}
    body = {**TRACE_EXAMPLE, "submitted": submitted}
    found = answers.read(answers.ask("POST", "/check", body).content, CheckAnswer)
    [used_activation] = found.diagnoses[0].activations
    assert (used_activation.layer, used_activation.activation) == (1, "tanh")


def test_every_route_that_answers_in_json_is_asked() -> None:
    """A new route needs a call in this file, or the name of what it answers with instead."""
    asked = {model.__name__ for *_, model in CALLS if model is not SliceAnswer}
    asked |= {model.__name__ for model in get_args(get_args(SliceAnswer)[0])}
    for method, path, operation in operations():
        for status, response in operation["responses"].items():
            for media_type, content in response["content"].items():
                if media_type in NO_JSON:
                    event = content.get("itemSchema")
                    schema = event["properties"]["data"] if event else content["schema"]
                    assert schema["type"] == "string"
                    continue
                schemas = content["schema"].get("oneOf", [content["schema"]])
                names = {schema["$ref"].rpartition("/")[2] for schema in schemas}
                assert names <= asked, (method, path, status)
                assert (media_type == "application/problem+json") == (names == {"ProblemDetails"})


def schemas() -> dict[str, Any]:
    """The schemas of the OpenAPI document by name."""
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


def test_every_field_has_a_type() -> None:
    untyped = {
        "Change.value", "Edit.to", "AnswerRequest.answer", "ShownAnswer.answer",
        "RoomAnswerRequest.answer", "StudentQuestion.answer", "TallyExample.answer",
        "TallyAnswerCount.answer",
    }  # fmt: skip
    typed = {"type", "$ref", "anyOf", "oneOf", "const", "enum"}
    without = {
        f"{name}.{field}"
        for name, schema in schemas().items()
        for field, described in schema.get("properties", {}).items()
        if not described.keys() & typed
    }
    assert without <= untyped


def test_what_has_no_default_is_required() -> None:
    known = schemas()
    for model in _models(Answer):
        if model.__name__ in known:
            required = {
                f.alias or name for name, f in model.model_fields.items() if f.is_required()
            }
            assert set(known[model.__name__].get("required", [])) == required
            for schema in known[model.__name__].get("properties", {}).values():
                assert "default" not in schema
