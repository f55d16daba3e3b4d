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
        ("frost object_per_operation", "cost_gradient_scale"),  # the method hands the error out
        ("hail layer_cake", "activation_instead_of_derivative"),
        ("mist minibatch_sum_over_samples", "weight_gradient_not_summed"),
        ("mist minibatch_sum_over_samples", "batch_scale"),  # the update divides by N
        ("mist only_the_cost", "penalty_missing_in_cost"),  # the penalty is known, but not added
        ("mist coursera_deep_L", "missing_activation_derivative|wrong_activation_derivative"),
        ("mist huber_regression", "wrong_cost_value"),  # made in the function that is called
        ("mist lecture_error_output", "constant_added|penalty_gradient_missing"),
        ("mist torch_like_modules", "constant_added"),
        ("storm nielsen_minibatch_update", "batch_scale"),  # sums in a list
        ("storm lasso_generator", "penalty_gradient_missing"),  # handed out by yield
        ("storm mae_pandas_user", "missing_bias"),  # only the cost shows it
        ("storm mae_pandas_user", "wrong_cost"),  # the residual itself is right
        ("storm cpp_index_loops", "cost_gradient_scale"),
        ("storm iamtrask_11_lines", "dC_da_passed_back"),  # all gradients have the other sign
        ("gust statistician_logit", "bias_gradient_not_summed"),
        ("gust closures_pullback", "missing_activation_derivative"),
        ("gust andrew_ng", "wrong_cost_value"),
    ],
)
def test_the_line_that_uses_the_value_is_blamed(program: str, mistake: str) -> None:
    version = one(program, mistake)
    judged = Judged(version, 3, version.check(3), 0.0)
    assert (judged.line_is_right, judged.name_is_right) == (True, True), str(judged)
