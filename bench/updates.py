"""One update with all gradients: ours, a lower bound (floor), and other libraries, in one process.

tanh in every layer, squared error (mean), plain gradient descent, float64, the same batch at every
update. The floor is the necessary work: the matrix products and the tanh calls alone, called
from Python and, as the program calls them, without Python. All may use all processors.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from backprop_explorer.engine.initializers import initialize
from backprop_explorer.engine.network import Layer, Network, Parameters
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.row_blocks import split_rows
from backprop_explorer.engine.train import Backprop
from backprop_explorer.engine.updates import InPlaceUpdate, Update, zero_state
from backprop_explorer.tape import Call, Feed, NormLimit, Tape, native, parallel_branches
from backprop_explorer.tape.threads import usable_processors
from bench.timing import microseconds

Array = NDArray[np.float64]
RATE = 0.01
SETTLE_SECONDS = 0.1


@dataclass(frozen=True)
class Case:
    """A network, given by its sizes, and a batch."""

    sizes: tuple[int, ...]
    batch: int

    @property
    def title(self) -> str:
        """As in the tables: 2-8-8-1, 32."""
        return f"{'-'.join(map(str, self.sizes))}, {self.batch}"


CASES = (
    Case((2, 4, 2, 1), 10),
    Case((2, 8, 8, 1), 32),
    Case((2, 8, 8, 1), 250),
    Case((64, 64, 32, 10), 64),
    Case((64, 128, 64, 10), 1437),
)


class SharedData:
    """The initial weights and data that all candidates use."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng(0)
        self.case = case
        self.network = Network(case.sizes[0], tuple(Layer(n, "tanh") for n in case.sizes[1:]))
        self.parameters = initialize(self.network, "xavier_normal", rng)
        self.x: Array = rng.standard_normal((case.batch, case.sizes[0]))
        self.target: Array = rng.uniform(-0.5, 0.5, (case.batch, case.sizes[-1]))


@dataclass(frozen=True)
class Contestant:
    """``work`` makes ``updates`` updates. NumPy's products may use ``threads`` threads.

    That is one for who has threads of his own, or none.
    """

    work: Callable[[], object]
    updates: int = 1
    threads: int = 1


def _rounds(problem: SharedData) -> int:
    """How many updates those make in a call who can make several."""
    return 64 if problem.case.batch < 1000 else 4


def ours(problem: SharedData) -> Contestant:
    """The program's own training, as in ``experiments.trainer``: one batch per update."""
    native.load()
    parameters, gradient = problem.parameters.copy(), Parameters(problem.network)
    backprop = Backprop(problem.network, Objective(), parameters, gradient, problem.case.batch)
    update = Update("sgd", RATE)
    steps = _rounds(problem)
    bound = InPlaceUpdate(update, parameters, gradient, zero_state(problem.network, update), steps)
    x, target = (np.array([each] * steps) for each in (problem.x, problem.target))
    tape = Tape(
        (*backprop.tape.entries, *bound.tape.entries, NormLimit(parameters.flat, np.inf)),
        (Feed(backprop.x, x), Feed(backprop.target, target), *bound.feeds),
    )
    done = iter(range(0, 2**62, steps))

    def work() -> None:
        step = next(done)
        bound.prepare(step, step + 1, 0, steps)
        tape.run(0, steps)

    return Contestant(work, steps)


def floor_entries(problem: SharedData, batch: int) -> list[Call]:
    """Only the products of an update (three per layer, two for the first) and its tanh calls."""
    W = problem.parameters.W
    sizes = problem.case.sizes
    rng = np.random.default_rng(1)
    a = [rng.uniform(-0.5, 0.5, (batch, n)) for n in sizes]
    z = [np.empty((batch, n)) for n in sizes]
    dz = [rng.uniform(-0.5, 0.5, (batch, n)) for n in sizes]
    da = [np.empty((batch, n)) for n in sizes]
    calls: list[Call] = []
    for k, w in enumerate(W):
        calls += [Call(np.matmul, (a[k], w), z[k + 1]), Call(np.tanh, (z[k + 1],), a[k + 1])]
    for k in range(len(W) - 1, -1, -1):
        calls.append(Call(np.matmul, (a[k].T, dz[k + 1]), np.empty_like(W[k])))
        if k:
            calls.append(Call(np.matmul, (dz[k + 1], W[k].T), da[k]))
    return calls


def floor(problem: SharedData) -> Contestant:
    """The floor in Python, by NumPy's fastest calls."""
    calls: list[Callable[[], object]] = [
        partial(each.inputs[0].dot, each.inputs[1], each.out)
        if each.ufunc is np.matmul
        else partial(each.ufunc, *each.inputs, each.out)
        for each in floor_entries(problem, problem.case.batch)
    ]

    def work() -> None:
        for call in calls:
            call()

    return Contestant(work, threads=usable_processors())


def bare_floor(problem: SharedData) -> Contestant:
    """The floor without Python between the calls, made as the program makes them."""
    native.load()
    sizes = [rows.stop - rows.start for rows in split_rows(problem.case.batch)]
    work = 3.0 * problem.case.batch * problem.network.parameter_count
    tape = Tape(parallel_branches([floor_entries(problem, size) for size in sizes], work))
    steps = _rounds(problem)
    return Contestant(lambda: tape.run(0, steps), steps)


def plain_numpy(problem: SharedData) -> Contestant:
    """Plain NumPy as a student writes it: lists of arrays, new arrays in each update."""
    W = [w.copy() for w in problem.parameters.W]
    b = [v.copy() for v in problem.parameters.b]
    x, target = problem.x, problem.target

    def step() -> None:
        activations = [x]
        for w, v in zip(W, b, strict=True):
            activations.append(np.tanh(activations[-1] @ w + v))
        delta = 2.0 * (activations[-1] - target) / target.size * (1.0 - activations[-1] ** 2)
        for k in range(len(W) - 1, -1, -1):
            dw, dv = activations[k].T @ delta, delta.sum(axis=0)
            if k:
                delta = delta @ W[k].T * (1.0 - activations[k] ** 2)
            W[k] -= RATE * dw
            b[k] -= RATE * dv

    return Contestant(step, threads=usable_processors())


def autograd_peer(problem: SharedData) -> Contestant:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import grad

    layers = zip(problem.parameters.W, problem.parameters.b, strict=True)
    weights = [(w.copy(), v.copy()) for w, v in layers]

    def loss(layers: Any, x: Array, target: Array) -> Any:
        a = x
        for w, v in layers:
            a = anp.tanh(anp.dot(a, w) + v)
        return anp.mean((a - target) ** 2)

    gradient = grad(loss)

    def step() -> None:
        found = gradient(weights, problem.x, problem.target)
        for (w, v), (dw, dv) in zip(weights, found, strict=True):
            w -= RATE * dw
            v -= RATE * dv

    return Contestant(step, threads=usable_processors())


def torch_peer(problem: SharedData) -> Contestant:
    """PyTorch, float64."""
    import torch

    torch.set_num_threads(usable_processors())
    modules: list[Any] = []
    for w, v in zip(problem.parameters.W, problem.parameters.b, strict=True):
        linear = torch.nn.Linear(*w.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T.copy()))
            linear.bias.copy_(torch.from_numpy(v.copy()))
        modules += [linear, torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    loss = torch.nn.MSELoss()
    x, target = torch.from_numpy(problem.x), torch.from_numpy(problem.target)

    def step() -> None:
        optimizer.zero_grad()
        loss(model(x), target).backward()
        optimizer.step()

    return Contestant(step)


def jax_peer(problem: SharedData) -> Contestant:
    """JAX, float64, the whole update compiled, one update per call."""
    return _jax(problem, 1)


def jax_loop_peer(problem: SharedData) -> Contestant:
    """JAX, as many updates per call as the program makes."""
    return _jax(problem, _rounds(problem))


def _jax(problem: SharedData, steps: int) -> Contestant:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def loss(layers: Any, x: Any, target: Any) -> Any:
        a = x
        for w, v in layers:
            a = jnp.tanh(a @ w + v)
        return jnp.mean((a - target) ** 2)

    def update(layers: Any, x: Any, target: Any) -> Any:
        found = jax.grad(loss)(layers, x, target)
        return jax.tree.map(lambda p, g: p - RATE * g, layers, found)

    @jax.jit
    def updates(layers: Any, x: Any, target: Any) -> Any:
        if steps == 1:
            return update(layers, x, target)
        return jax.lax.fori_loop(0, steps, lambda _, each: update(each, x, target), layers)

    weights = zip(problem.parameters.W, problem.parameters.b, strict=True)
    state = [[(jnp.array(w), jnp.array(v)) for w, v in weights]]
    x, target = jnp.array(problem.x), jnp.array(problem.target)

    def work() -> None:
        state[0] = updates(state[0], x, target)
        state[0][0][0].block_until_ready()

    return Contestant(work, steps)


def sklearn_peer(problem: SharedData) -> Contestant:
    """scikit-learn's MLPRegressor, one partial_fit per update."""
    from sklearn.neural_network import MLPRegressor

    sizes = problem.case.sizes
    model = MLPRegressor(
        hidden_layer_sizes=sizes[1:-1],
        activation="tanh",
        solver="sgd",
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        learning_rate_init=RATE,
        batch_size=problem.case.batch,
        shuffle=False,
        random_state=0,
    )
    target = problem.target if sizes[-1] > 1 else problem.target[:, 0]
    model.partial_fit(problem.x, target)
    return Contestant(lambda: model.partial_fit(problem.x, target), threads=usable_processors())


PEERS: dict[str, tuple[str, Callable[[SharedData], Contestant]]] = {
    "plain NumPy": ("numpy", plain_numpy),
    "autograd": ("autograd", autograd_peer),
    "PyTorch": ("torch", torch_peer),
    "JAX jit": ("jax", jax_peer),
    "JAX jit, many in a call": ("jax", jax_loop_peer),
    "scikit-learn": ("sklearn", sklearn_peer),
}


def contestants(case: Case) -> dict[str, Contestant]:
    """All installed candidates."""
    problem = SharedData(case)
    found = {"ours": ours(problem), "floor": floor(problem), "bare floor": bare_floor(problem)}
    for name, (module, build) in PEERS.items():
        if importlib.util.find_spec(module) is not None:
            found[name] = build(problem)
    return found


def times(case: Case, rounds: int) -> dict[str, float]:
    """Time of an update in µs by candidate."""
    found = contestants(case)
    blas = ThreadpoolController().select(internal_api="openblas").lib_controllers

    def allow(name: str) -> None:
        for library in blas:
            library.set_num_threads(found[name].threads)
        if len(split_rows(case.batch)) > 1:
            # Threads that have finished spin for a while and use a processor.
            time.sleep(SETTLE_SECONDS)

    spent = microseconds({name: each.work for name, each in found.items()}, rounds, before=allow)
    allow("ours")
    return {name: spent[name] / each.updates for name, each in found.items()}
