"""Where a program uses a right value wrongly, or hands it back."""

from __future__ import annotations

import pytest

from tests.corpus.code.judged import Judged
from tests.tutor.code.test_composition import one


@pytest.mark.parametrize(
    ("program", "mistake"),
    [
        # s = sigmoid(z) is right, what is done with it is not.
        ("autumn functions_per_layer", "activation_instead_of_derivative"),
        ("spring trask_nonlin", "activation_instead_of_derivative|wrong_activation_derivative"),
        ("autumn softmax_ce_batch", "softmax_not_normalised"),
        ("autumn sample_loop", "weight_gradient_not_summed"),
        ("autumn sample_loop", "batch_scale"),
        ("summer three_blue_one_brown", "missing_bias"),
        ("frost object_per_operation", "cost_gradient_scale"),
    ],
)
def test_the_line_that_uses_the_value_is_blamed(program: str, mistake: str) -> None:
    version = one(program, mistake)
    judged = Judged(version, 3, version.check(3), 0.0)
    assert (judged.line_is_right, judged.name_is_right) == (True, True), str(judged)
