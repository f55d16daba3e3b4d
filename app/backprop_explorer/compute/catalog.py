"""The catalog: all registries with formulas and parameters, the provided tables, the limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backprop_explorer.compute.encoding import Reply, json_reply, picked
from backprop_explorer.compute.formulas import Formulas, formula, with_formulas
from backprop_explorer.datasets import DATASETS
from backprop_explorer.datasets.folder import FolderTable
from backprop_explorer.engine.activation_parameters import PARAMETERS
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.notation import CONVENTIONS
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.registry import Parameter
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.experiments.provided_data import provided_tables
from backprop_explorer.experiments.sweeps import MEASURES
from backprop_explorer.settings import Settings
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS


def catalog(settings: Settings, formulas: Formulas) -> Reply:
    """A task: all that there is to choose from."""
    provided = [_provided(name, each) for name, each in provided_tables(settings).items()]
    shown = with_formulas(tables(), formulas)
    limits = settings.limits.model_dump(mode="json")
    return json_reply({**shown, "provided_datasets": provided, "limits": limits})


_BASICS = ("name", "title", "description")


def parameters(parameters: tuple[Parameter, ...]) -> list[dict[str, Any]]:
    """Parameters of an entry as plain data."""
    return [
        {**picked(p, "name", "title", "default"), "min": p.minimum, "max": p.maximum}
        | {"integer": p.integer}
        for p in parameters
    ]


def _bound(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _adjustable(registry: Mapping[str, Any], *more: str) -> list[dict[str, Any]]:
    return [
        {
            **picked(entry, *_BASICS),
            "formula": formula(entry.formula),
            "parameters": parameters(entry.parameters),
            **picked(entry, *more),
        }
        for entry in registry.values()
    ]


def tables() -> dict[str, Any]:
    """All registries as plain data."""
    return {
        "datasets": [
            {
                **picked(d, *_BASICS, "task", "features", "classes", "size"),
                "parameters": parameters(d.parameters),
            }
            for d in DATASETS.values()
        ],
        "activations": [
            {
                **picked(a, *_BASICS),
                "formula": formula(a.formula),
                "derivative": formula(a.derivative_formula),
                "range": [_bound(a.range[0]), _bound(a.range[1])],
                "parameters": parameters((PARAMETERS[a.name],) if a.name in PARAMETERS else ()),
            }
            for a in ACTIVATIONS.values()
        ],
        "costs": [
            {
                **picked(c, *_BASICS),
                "formula": formula(rf"\ell(a, y) = {c.term}"),
                "derivative": formula(
                    rf"\frac{{\partial \ell}}{{\partial a}} = "
                    rf"{c.gradient_factor if c.gradient_factor != 1 else ''}{c.gradient}"
                ),
                **picked(c, "default_reduction", "tasks", "suits"),
                "fused_with": list(c.fused),
            }
            for c in COSTS.values()
        ],
        "reductions": [
            {**picked(r, *_BASICS), "formula": formula(r.formula)} for r in REDUCTIONS.values()
        ],
        "optimizers": _adjustable(OPTIMIZERS, "default_learning_rate"),
        "schedules": _adjustable(SCHEDULES),
        "initializers": _adjustable(INITIALIZERS),
        "conventions": [picked(c, *_BASICS) for c in CONVENTIONS.values()],
        "operations": [
            {
                **picked(op, "name", "title"),
                "description": op.text.replace("{layer}", "l"),
                **picked(op, "family", "signature", "entry"),
            }
            for op in OPS.values()
        ],
        "misconceptions": [
            {**picked(m, *_BASICS), "families": list(m.families)} for m in MISCONCEPTIONS.values()
        ],
        "measures": [picked(m, *_BASICS, "better") for m in MEASURES.values()],
    }


def _provided(name: str, table: FolderTable) -> dict[str, Any]:
    rows = table.rows
    first = rows.target[0]
    return {
        **picked(table, *_BASICS),
        "task": "classification" if rows.classes else "regression",
        "features": len(rows.features),
        "classes": len(rows.classes),
        "targets": len(first) if isinstance(first, Sequence) else 1,
        "size": len(rows.x),
        "dataset": {"name": "uploaded", "id": name},
    }
