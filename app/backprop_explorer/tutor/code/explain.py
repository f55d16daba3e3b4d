"""Search the mistakes that explain what a program computed, from the simplest to pairs of them."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.code.explanations import COMBINED, Explainer, Explanation
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.results import Result


def explain(
    observed: Observed, traces: Sequence[Trace], results: Sequence[Result] | None = None
) -> list[Explanation]:
    """Return the explanations with at least one value of the program, the best first.

    A second mistake, or one whose derivatives are computed from a, is looked for if there is no
    single one that explains all results.
    """
    found: list[Explanation] = []
    explainers = [Explainer(observed, ReferenceWorking(trace), results) for trace in traces]
    singles = [each.single() for each in explainers]
    found = [each for some in singles for each in some]
    if not any(each.complete for each in found):
        for trace in traces:
            reference = ReferenceWorking(trace, slopes_of_outputs=True)
            found += Explainer(observed, reference, results).single()
    if not any(each.complete for each in found):
        pairs = [
            (explainer, each)
            for explainer, some in zip(explainers, singles, strict=True)
            for each in some[:COMBINED]
        ]
        pairs.sort(key=lambda pair: -pair[1].score)
        for explainer, each in pairs[:COMBINED]:
            found += explainer.double(each)
    # A mistake in the gradient itself is likelier than one in the expression that it is made of.
    plain = any(each.complete and not each.one_gradient for each in found)
    kept = [
        each
        for each in found
        if (each.results[0] or each.values) and not (plain and each.one_gradient)
    ]
    return sorted(kept, key=lambda each: -each.score)[:40]
