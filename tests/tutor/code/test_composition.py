"""Mistakes in how a program puts right functions together."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.corpus.code.judged import WRITTEN, Judged
from tests.corpus.code.written_sets import WrittenVersion

VERSIONS = {
    version.name: version
    for version in chain.from_iterable(program.versions() for program in WRITTEN)
}


def one(program: str, mistake: str) -> WrittenVersion:
    """Return the first version of a program with a mistake."""
    return next(version for name, version in VERSIONS.items() if f"{program} / {mistake} /" in name)


@pytest.mark.parametrize(
    ("program", "mistake"),
    [
        ("winter sequential_modules", "missing_activation"),  # a module is not in the list
        ("autumn micrograd_tape", "missing_bias"),
        ("autumn in_place_update", "gradient_ascent"),  # an argument is changed in place
        ("winter generic_tuple_cache", "activation_of_wrong_layer|z_instead_of_activation"),
        ("summer octave_theta", "missing_activation"),  # with b among the entries of W
        ("winter scalars_by_hand", "cost_gradient_sign"),  # only single numbers
        ("hail functional_vjp", "penalty_gradient_missing"),
        ("mist coursera_deep_L", "activation_of_wrong_layer"),  # one tuple of several alike
        ("mist coursera_deep_L", "dC_dz_used_as_dC_da"),  # dAL is a ∂C/∂a
        ("mist deque_and_zip", "batch_scale"),
        ("mist dataclass_layers", "derivative_at_activation"),  # the object knows z, too
        ("mist softmax_jacobian", "dC_dz_used_as_dC_da"),
        ("mist softmax_jacobian", "missing_activation_derivative"),
        ("mist bias_as_weight_row", "missing_bias"),
        ("mist bias_as_weight_row", "z_instead_of_activation"),
        ("mist plain_loops", "activation_instead_of_weights"),
        ("storm ng_deep_linear_activation", "missing_activation_derivative"),
        ("storm matlab_user_theta", "activation_instead_of_derivative"),
        ("storm softmax_full_jacobian", "dC_dz_used_as_dC_da|wrong_cost"),
        ("storm scalar_chain_teacher", "z_instead_of_activation"),  # a list with one number each
        ("gust dataclass_ridge_layers", "weights_transposed_backward"),
        ("gust jax_pytree_style", "softmax_wrong_axis"),
        ("gust bias_folded_in_ones", "bias_subtracted"),
        ("gust closures_pullback", "activation_sign"),
        ("gust raschka_neuralnet_mlp", "activation_of_wrong_layer"),
    ],
)
def test_the_line_that_puts_the_parts_together_is_blamed(program: str, mistake: str) -> None:
    version = one(program, mistake)
    judged = Judged(version, 3, version.check(3), 0.0)
    assert (judged.line_is_right, judged.name_is_right) == (True, True), str(judged)
