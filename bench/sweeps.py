"""Maps of runs: ours on all processors, a loop over scikit-learn's MLPClassifier, and JAX.

η × first weights, 100 steps of 2-4-2-1 with batches of 10 on the moons. JAX trains all cells at
once: ``vmap`` over the cells, ``scan`` over the steps, float64, on the same batches.
"""

from __future__ import annotations

import importlib.util
import math
import multiprocessing
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.sweeps import Sweep
from backprop_explorer.experiments.sweeps.groups import Groups, by_column
from backprop_explorer.experiments.sweeps.tiles import TileRun, tiles_of
from backprop_explorer.limits import Limits
from backprop_explorer.tape import native
from backprop_explorer.tape.threads import usable_processors

HEADER = ["cells", "who", "seconds", "µs per update and cell", "× ours", "largest difference"]
STEPS = 100
RECIPE = {
    "network": {
        "layers": [
            {"units": 4, "activation": "tanh"},
            {"units": 2, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ]
    },
    "batch": {"size": 10},
}
# A loop over scikit-learn is measured on this many cells.
SAMPLED = 64


def sweep_of(side: int) -> Sweep:
    """η × first weights, the axes of which JAX can take both as arrays."""
    axes = [
        {"field": "W1[0,0]", "scale": "linear", "from": -2.0, "to": 2.0, "count": side},
        {"field": "optimizer.learning_rate", "scale": "log", "from": 1e-3, "to": 1, "count": side},
    ]
    return Sweep.model_validate(
        {"recipe": RECIPE, "axes": axes, "step": STEPS, "measure": "cost.train"}
    )


def _ready() -> None:
    native.load()
    threadpool_limits(1)


def _share(side: int, share: int, shares: int) -> list[tuple[int, Any]]:
    sweep = sweep_of(side)
    groups = Groups(sweep, Limits(), lambda _: None)
    tiles = list(enumerate(tiles_of(sweep, by_column(sweep))))[share::shares]
    return [(k, TileRun(groups, cells).advance(math.inf)) for k, cells in tiles]


def ours(side: int, pool: ProcessPoolExecutor, processes: int) -> Any:
    """The cells' costs (side, side), tiles spread over processes as over the server's workers."""
    sweep = sweep_of(side)
    tiles = tiles_of(sweep, by_column(sweep))
    found = np.full(sweep.cells, np.nan)
    for part in pool.map(partial(_share, side, shares=processes), range(processes)):
        for k, result in part:
            found[list(tiles[k])] = result[0]
    return found.reshape(sweep.shape)


def jax_map(side: int) -> Callable[[], Any]:
    """JAX on the same weights and batches: a function that compiles at its first call."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    sweep = sweep_of(side)
    state = InitialState(sweep.recipe, Limits())
    x, target = state.train
    rows = np.array([state.rows(step) for step in range(STEPS)])
    batches = jnp.asarray(x[rows]), jnp.asarray(target[rows])
    layers = [
        (jnp.asarray(W), jnp.asarray(b))
        for W, b in zip(state.parameters.W, state.parameters.b, strict=True)
    ]
    weights, rates = (jnp.asarray([*map(float, axis.values)]) for axis in sweep.axes)

    def loss(layers: Any, x: Any, target: Any) -> Any:
        a = x
        for W, b in layers[:-1]:
            a = jnp.tanh(a @ W + b)
        z = a @ layers[-1][0] + layers[-1][1]
        return jnp.mean(jnp.logaddexp(0.0, z) - target * z)

    def train(weight: Any, rate: Any) -> Any:
        first = (layers[0][0].at[0, 0].set(weight), layers[0][1])

        def update(layers: Any, batch: Any) -> tuple[Any, None]:
            found = jax.grad(loss)(layers, *batch)
            return jax.tree.map(lambda p, g: p - rate * g, layers, found), None

        last, _ = jax.lax.scan(update, [first, *layers[1:]], batches)
        return loss(last, x, target)

    both = jax.jit(jax.vmap(jax.vmap(train, (None, 0)), (0, None)))
    return lambda: np.asarray(both(weights, rates))


def scikit_learn(side: int) -> float:
    """Seconds of a loop over MLPClassifier for all cells, from the first SAMPLED of them."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    sweep = sweep_of(side)
    state = InitialState(sweep.recipe, Limits())
    x, target = state.train[0], state.train[1][:, 0].astype(int)
    epochs = round(STEPS / state.steps_per_epoch)
    rates = [float(value) for value in sweep.axes[1].values]
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for k in range(SAMPLED):
            MLPClassifier(
                (4, 2), activation="tanh", solver="sgd", momentum=0.0, alpha=0.0, batch_size=10,
                learning_rate_init=rates[k % side], max_iter=epochs, n_iter_no_change=epochs + 1,
                random_state=0,
            ).fit(x, target)  # fmt: skip
    made = SAMPLED * epochs * state.steps_per_epoch
    return (time.perf_counter() - begun) / made * sweep.cells * STEPS


def rows(sides: tuple[int, ...] = (64, 256)) -> list[list[str]]:
    """Measure, in one run."""
    found = []
    processes = usable_processors()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_ready) as pool:
        ours(4, pool, processes)  # The processes have started.
        for side in sides:
            found += _rows(side, pool, processes)
    return found


def _rows(side: int, pool: ProcessPoolExecutor, processes: int) -> list[list[str]]:
    begun = time.perf_counter()
    values = ours(side, pool, processes)
    own = time.perf_counter() - begun
    times = [(f"ours, {processes} processes", own, "")]
    times.append(("scikit-learn, a loop, one process", scikit_learn(side), ""))
    if importlib.util.find_spec("jax") is not None:
        begun = time.perf_counter()
        run = jax_map(side)
        other = run()
        compiled = time.perf_counter()
        run()
        difference = f"{np.nanmax(np.abs(other - values)):.0e}"
        times.append(("JAX, with compilation", compiled - begun, difference))
        times.append(("JAX, compiled", time.perf_counter() - compiled, difference))
    return [
        [f"{side} × {side}", who, f"{t:.2f}", f"{1e6 * t / side**2 / STEPS:.2f}",
         f"{t / own:.1f}", difference]
        for who, t, difference in times
    ]  # fmt: skip
