from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.classroom.wrong_formulas import wrong_formulas
from backprop_explorer.compute.formulas import mathml
from backprop_explorer.engine.trace import written
from backprop_explorer.lessons.working import lesson_problem

DZ1 = r"\frac{\partial C}{\partial z^{(1)}}"
DA1 = r"\frac{\partial C}{\partial a^{(1)}}"


def formulas(convention: str, single: bool) -> dict[str, str]:
    rng = np.random.default_rng(0)
    layers = [
        (rng.normal(size=(2, 3)), np.ones(3), "sigmoid"),
        (rng.normal(size=(3, 1)), [0.1], "tanh"),
    ]
    x, target = rng.normal(size=(4, 2)), np.ones((4, 1))
    working = lesson_problem(
        layers, x[0] if single else x, target[0] if single else target,
        convention=convention, single=single, fused=False, learning_rate=0.1,
    )  # fmt: skip
    notation = working.notation
    return {line.node.id: written(line.node, notation)["formula"] for line in working.trace.lines}


@pytest.mark.parametrize("convention", ["column", "row", "lecture"])
@pytest.mark.parametrize("single", [True, False])
def test_every_line_has_wrong_variants_of_its_formula(convention: str, single: bool) -> None:
    for line, formula in formulas(convention, single).items():
        wrong = wrong_formulas(formula)
        assert len(set(wrong)) == len(wrong)
        assert len(wrong) >= (1 if line == "C" else 2), line
        assert formula not in wrong
        for each in wrong:
            assert each.partition(" = ")[0] == formula.partition(" = ")[0]
            assert each.count("{") == each.count("}")
            assert each.count(r"\left") == each.count(r"\right")
            assert mathml(each)


def test_the_likely_mistakes_come_first() -> None:
    found = formulas("column", single=True)
    assert [*wrong_formulas(found["dC_dz1"])][:2] == [
        rf"{DZ1} = {DA1} \odot \sigma\left(z^{{(1)}}\right)",
        f"{DZ1} = {DA1}",
    ]
    [untransposed, *_] = wrong_formulas(found["dC_da1"])
    assert "^T" in found["dC_da1"]
    assert "^T" not in untransposed
    assert r"+ \eta" in next(iter(wrong_formulas(found["W1_next"])))
