"""The native runner of tapes, compiled from ``runner.ll`` on first use.

llvmlite compiles it in a few milliseconds. Without llvmlite, or if the loops do not give the same
bits as NumPy, there is no runner. Tapes then run in Python: slower, with the same numbers.

The self-check has two parts. ``_kinds_agree`` runs every kind of record when the runner is loaded.
``_agrees`` checks each ufunc when a tape first uses it. A ufunc that fails is called from Python.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tape import loops
from backprop_explorer.tape.entries import Call, Entry, NormLimit, PythonCall, ReduceCall, Repair
from backprop_explorer.tape.loops import RECORD, NoLoopError, RunnerLoops, records_of

logger = logging.getLogger(__name__)

_SOURCE = Path(__file__).with_name("runner.ll")


@dataclass(frozen=True, slots=True)
class Runner:
    """The compiled functions. ``owner`` keeps them alive.

    ``checked`` maps each checked ufunc to whether its loop gives NumPy's bits.
    """

    run: Any
    own_loops: RunnerLoops
    owner: Any
    checked: dict[np.ufunc, bool] = field(default_factory=dict)


@dataclass
class Program:
    """A tape encoded as records.

    ``entry_of[k]`` is the index of the tape entry that record k belongs to. ``position`` holds the
    next step and the next record.
    """

    records: NDArray[np.void]
    entry_of: list[int]
    kept: list[Any]
    runner: Runner
    position: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))

    def __post_init__(self) -> None:
        self._run = partial(
            self.runner.run, self.records.ctypes.data, len(self.records), self.position.ctypes.data
        )

    @property
    def stops(self) -> bool:
        """Whether Python must execute some of the entries."""
        return bool((self.records["loop"] == self.runner.own_loops.stop).any())

    def run(self, until: int) -> bool:
        """Run from ``position`` to the end of step ``until`` − 1.

        Returns False if a record stopped the run; ``position`` then points to that record.
        """
        return not self._run(until)


def program(entries: Sequence[Entry], runner: Runner) -> Program:
    """Encode ``entries`` as a program. Entries without a checked loop stop it for Python."""
    return _program(entries, runner, partial(_agrees, runner))


def _program(
    entries: Sequence[Entry], runner: Runner, trusted: Callable[[np.ufunc], bool]
) -> Program:
    kept: list[Any] = [entries]
    found = [
        (k, record)
        for k, entry in enumerate(entries)
        for record in records_of(entry, runner.own_loops, kept, trusted)
    ]
    records = np.array([record for _, record in found], dtype=RECORD)
    return Program(records, [k for k, _ in found], kept, runner)


@lru_cache(maxsize=1)
def load() -> Runner | None:
    """Compile and check the runner, once. Returns None if it is unavailable or fails the check."""
    try:
        runner = _compiled()
    except ModuleNotFoundError:
        # llvmlite is an optional dependency, so its absence is no problem to warn about.
        logger.info("llvmlite is not installed: training is slower, with the same numbers")
        return None
    except (ImportError, OSError, RuntimeError) as error:
        logger.warning("Native runner unavailable, tapes run in Python: %s", error)
        return None
    if not _kinds_agree(runner):
        logger.warning("Native runner failed its self-check, tapes run in Python")
        return None
    return runner


def loaded() -> Runner | None:
    """Return the runner if it was loaded before, else None. Loading takes 50 ms."""
    return load() if load.cache_info().currsize else None


def _compiled() -> Runner:
    if ctypes.sizeof(ctypes.c_void_p) != RECORD["data"].base.itemsize:
        raise OSError("addresses do not have 64 bits")
    if sys.platform == "linux":
        # Check that executable memory is allowed: LLVM does not check, and would crash.
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(_SOURCE.read_text())
    module.verify()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=3)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    signature = ctypes.CFUNCTYPE(  # CFUNCTYPE releases the GIL during the call.
        ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64
    )
    own_loops = RunnerLoops(
        *(engine.get_function_address(each.name) for each in fields(RunnerLoops))
    )
    return Runner(signature(engine.get_function_address("run")), own_loops, (engine, machine))


def _kinds_agree(runner: Runner) -> bool:
    """Whether records of each kind give NumPy's bits, and stop the run where they must."""
    rng = np.random.default_rng(0)
    for rows, columns in _SHAPES:
        a, b = rng.standard_normal((2, rows, columns))
        w = rng.standard_normal((columns, 5))
        row, number = rng.standard_normal(columns), np.array(0.3)
        outs = [np.zeros_like(a) for _ in range(6)]
        product, transposed = np.zeros((rows, 5)), np.zeros((columns, columns))
        sums = np.zeros((2, rows, 1))
        repaired = np.zeros_like(a)
        entries: list[Entry] = [
            Call(np.tanh, (a,), outs[0]),
            Call(np.exp, (a,), outs[1]),
            Call(np.multiply, (a, b), outs[2]),
            Call(np.subtract, (number, a), outs[3]),
            Call(np.add, (a, row), outs[4]),
            Call(np.matmul, (a, w), product),
            Call(np.matmul, (a.T, b), transposed),
            ReduceCall(np.add, a, sums[0]),
            ReduceCall(np.maximum, a, sums[1]),
            Call(np.divide, (a, sums[1]), outs[5]),
            # One with entries below the limit and one without.
            Repair(a, a.max() + 1.0, (Call(np.exp, (b,), repaired),), repaired, outs[2]),
            Repair(a, a.min() - 1.0, (Call(np.exp, (b,), repaired),), repaired, outs[3]),
            NormLimit(row, np.inf),
        ]
        if not _same_bits(entries, [*outs, product, transposed, sums], runner):
            return False
        for last in (NormLimit(row, -1.0), PythonCall(int)):
            if _program([last], runner, _any).run(1):
                return False
    return True


def _agrees(runner: Runner, ufunc: np.ufunc) -> bool:
    """Whether the loop of ``ufunc`` gives NumPy's bits. The result is cached in the runner."""
    known = runner.checked.get(ufunc)
    if known is None:
        # ``_kinds_agree`` checks matrix products.
        known = ufunc is np.matmul or _elementwise_agrees(runner, ufunc)
        runner.checked[ufunc] = known
    return known


def _elementwise_agrees(runner: Runner, ufunc: np.ufunc) -> bool:
    if ufunc.signature is not None or ufunc.nout != 1 or ufunc.nin not in (1, 2):
        return False
    try:
        loops.loop_of(ufunc)
    except NoLoopError:
        return False
    with np.errstate(all="ignore"):
        agrees = all(_same_bits([call], [call.out], runner) for call in _calls(ufunc))
    if not agrees:
        logger.warning("The loop of %s failed its check and is called from Python", ufunc.__name__)
    return agrees


def _calls(ufunc: np.ufunc) -> Iterator[Call]:
    """Yield calls of ``ufunc`` for every way in which a record traverses its operands."""
    rng = np.random.default_rng(0)
    for rows, columns in _SHAPES[::2]:  # One number, short rows, long rows.
        a, b = rng.standard_normal((2, rows, columns)) * rng.choice([1e-300, 0.1, 1.0, 50.0, 1e300])
        flat = a.reshape(-1)
        special = min(len(flat), len(_SPECIAL))
        flat[rng.permutation(len(flat))[:special]] = rng.permutation(_SPECIAL)[:special]
        out = np.zeros_like(a)
        transposed = np.asfortranarray(a)
        if ufunc.nin == 1:
            operands: list[tuple[NDArray[np.float64], ...]] = [(a,), (transposed,)]
        else:
            others = (b, np.asfortranarray(b), b[0], b[:, :1].copy(), np.array(0.3), np.zeros(()))
            operands = [(a, other) for other in others] + [(other, a) for other in others]
            operands.append((a, a))
        for each in operands:
            yield Call(ufunc, each, out)
        yield Call(ufunc, (out, *operands[0][1:]), out)


def _same_bits(
    entries: Sequence[Entry], results: Sequence[NDArray[np.float64]], runner: Runner
) -> bool:
    """Whether the runner and Python write the same bits into ``results``."""
    before = [each.copy() for each in results]
    for entry in entries:
        entry()
    expected = [each.tobytes() for each in results]
    for each, old in zip(results, before, strict=True):
        each[...] = old
    ran = _program(entries, runner, _any).run(1)
    return ran and expected == [each.tobytes() for each in results]


def _any(_ufunc: np.ufunc) -> bool:
    return True


_SHAPES = ((1, 1), (3, 2), (10, 4), (33, 17), (40, 30))
_SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1.0, 1.0])
