"""The line in which a mistake is made, and its name, in programs of many styles."""

from __future__ import annotations

import pytest

from tests.corpus.code.judged import Judged
from tests.tutor.code.test_composition import VERSIONS, one

TWICE = "dC_dz_used_as_dC_da|activation_derivative_twice"


@pytest.mark.parametrize(
    ("program", "mistake"),
    [
        # f' is computed from a, so that a wrong a makes it wrong as well.
        ("squall index_loops_everywhere", "wrong_activation"),
        ("squall functional_reduce", "missing_activation"),  # in the layers with tanh only
        # What a function is given, or returns, is taken for a by its name.
        ("squall recursive_backprop", "missing_activation|z_passed_on"),
        # A value with its final name.
        ("squall cs231n_twolayernet", "softmax_not_normalised"),
        ("squall ng_octave_port", "batch_scale"),
        ("squall index_loops_everywhere", "bias_gradient_not_summed"),
        # f'(z) is there before the step from a back to z.
        ("squall ng_deep_L_layer", "activation_derivative_twice"),
        ("squall week42_one_layer_tensor", TWICE),
        ("squall perceptron_one_output_vector_target", TWICE),
        # A wrong operand that has a name of its own.
        ("squall diag_jacobians_on_one_sample", "weights_transposed_backward"),
        ("squall diag_jacobians_on_one_sample", "weights_of_wrong_layer"),
        ("squall diag_jacobians_on_one_sample", "activation_instead_of_derivative"),
        ("squall heatmap_student_dict", "slope_below_zero"),  # the default of a parameter
        # A function of a derivative that returns the activation, also in several layers.
        ("summer octave_theta", "activation_instead_of_derivative"),
        ("frost vectorised_samples_three_layers", "activation_instead_of_derivative"),
        ("thaw deep_class_columns", "activation_instead_of_derivative"),
        ("gust course_notebook_student", "activation_instead_of_derivative"),
        # An activation that is left out in the function of a layer, not in the list of layers.
        ("thaw elu_forward_backward", "missing_activation"),
        # f' in a product without a name; a product that is used for one gradient alone.
        ("gust raschka_neuralnet_mlp", "derivative_at_activation"),
        ("storm raschka_neuralnet_mlp", "activation_derivative_twice"),
        # Ways to make a mistake.
        ("squall project2_FFNN_layers", "penalty_gradient_scale"),  # without λ
        ("squall project2_FFNN_layers", "derivative_of_wrong_layer"),  # of one unit
        ("squall linear_regression_ridge", "step_instead_of_parameters"),  # with its sign
    ],
)
def test_line_and_mistake_are_found(program: str, mistake: str) -> None:
    version = one(program, mistake)
    found = Judged(version, 0, version.check(0), 0.0)
    assert found.is_right, str(found)


def test_a_product_of_two_sums_is_no_sum_of_products() -> None:
    version = VERSIONS["squall einsum_net / weight_gradient_not_summed / line 19"]
    found = Judged(version, 0, version.check(0), 0.0)
    assert found.is_right, str(found)
