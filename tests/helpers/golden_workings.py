"""Workings whose ids, formulas and numbers are kept in a file: they must not change.

``python -m tests.helpers.golden_workings`` writes the file anew. Ids are part of links, stored
experiments and the API, so a difference is a mistake unless a decision record says why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.trace import Trace, present
from backprop_explorer.engine.updates import Update
from tests.helpers.networks import build, traced

FILE = Path(__file__).with_suffix(".json")


def workings() -> dict[str, Trace]:
    """Workings with every kind of line, by a name."""
    rng = np.random.default_rng(2026)
    deep = build(2, (3, "tanh"), (2, "relu"), (2, "softmax"))
    wide = build(3, (4, "leaky_relu(0.2)"), (2, "sigmoid"))
    entropy, binary = Objective("cross_entropy", "batch_mean"), Objective("binary_cross_entropy")
    penalized = Objective("mse", "half_sum", l1=0.1, l2=0.3, biases=True)
    adam = Update("adam", schedule="cosine", layer_factors=(1.0, 0.5))
    return {
        "one sample with Jacobians": traced(rng, deep, entropy, samples=1, jacobians=True),
        "a batch, not fused": traced(rng, deep, Objective("cross_entropy", fused=False), samples=4),
        "fused with a sigmoid": traced(rng, wide, binary, samples=3, jacobians=True),
        "penalty with biases": traced(rng, wide, penalized, samples=3, update=Update("momentum")),
        "penalty, fused": traced(rng, deep, Objective("cross_entropy", l2=0.2), samples=2),
        "Adam": traced(rng, wide, Objective("huber"), samples=2, update=adam, step=7, count=3),
        "RMSProp": traced(rng, wide, Objective("mae"), samples=1, update=Update("rmsprop")),
        "Nesterov": traced(rng, wide, Objective("mse", "sum"), update=Update("nesterov")),
    }


def described(made: Trace) -> list[dict[str, Any]]:
    """All givens and lines in the convention "column", with lists for arrays."""
    objective = made.objective
    notation = Notation.of("column", single=made.samples == 1, reduction=objective.reduction)
    givens, lines = present(made, notation)
    return [
        {**each, "id": str(each["id"]), "value": np.asarray(each["value"]).tolist()}
        for each in (*givens, *lines)
    ]


if __name__ == "__main__":
    kept = {name: described(made) for name, made in workings().items()}
    FILE.write_text(json.dumps(kept, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n")
