"""All forward functions."""

from tests.programs.forward_functions import (
    cmu11785,
    cs231n,
    deeplearning_ai,
    ee239as,
    makemore,
    modules,
    needle,
    npfl138,
    own_style,
    word2vec,
)

CASES = [
    case
    for module in (
        *(cs231n, makemore, cmu11785, needle, modules, npfl138, ee239as, word2vec),
        *(deeplearning_ai, own_style),
    )
    for case in module.CASES
]
