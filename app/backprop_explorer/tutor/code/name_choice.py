"""Choose among the mistakes that give the same numbers, by what a program does with them."""

from __future__ import annotations

from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.naming import means_quantity, names_cost_gradient, reads_path
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.recorder import RETURN, Binding
from backprop_explorer.tutor.code.uses import Uses


class NameChoice:
    """Chooses the names of the mistakes of one program."""

    def __init__(self, program: ProgramRun, uses: Uses) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording
        self._uses = uses

    def better_name(self, explanation: Explanation) -> str | None:
        """Return another mistake that gives the same numbers and that this program shows, if any.

        A loop over the samples adds gradients up and divides in the end, or does not. Prediction
        minus target, multiplied by a derivative, is a ∂C/∂a only where it is stored as one.
        """
        (mistake, *more) = explanation.mistakes
        samples = self.observed.traces[0].samples
        if more:
            return None
        if mistake.name == "cost_gradient_scale" and samples > 1:
            summed = (
                float(mistake.detail) in (samples, 1.0 / samples)
                and self._uses.loops_over_samples()
            )
            return "batch_scale" if summed else None
        if mistake.name in ("dC_dz_used_as_dC_da", "output_derivative_twice"):
            if self.stored_as_gradient(explanation.variant) is not None:
                return "dC_dz_used_as_dC_da"
            known = any(
                label.line and label.name == f"dC_da{self.observed.depth}"
                for labels in self.observed.labels
                for label in labels
            )
            return "activation_derivative_twice" if known else "output_derivative_twice"
        return None

    def stored_as_gradient(self, variant: Variant) -> Binding | None:
        """Return where ∂C/∂z of the output is called ∂C/∂a: by a variable or by a function."""
        right = variant.without_mistakes()
        found = self.observed.appearances(f"dC_dz{self.observed.depth}", right)
        keys = {key for some, _ in found for key in some}
        for each in self.recording.bindings:
            function = each.visit.frame.code.co_name
            if each.key in keys and (
                means_quantity(each.path, "dC_da")
                or (each.path == RETURN and names_cost_gradient(function))
            ):
                return each
        return None

    def multiplied_again(self, line: str, variant: Variant) -> Binding | None:
        """Return where a right ∂C/∂z is made that several lines multiply by f'(z) once more."""
        for key in self.observed.find(variant.without_mistakes().value(line)):
            made = self.observed.creations[key]
            readers = {
                each.line
                for each in self.recording.visits[made.visit.order + 1 :]
                if each.frame is made.visit.frame
                and each.line != made.visit.line
                and (statement := self.program.statement(each)) is not None
                and reads_path(statement, made.path)
            }
            if len(readers) > 1:
                return made
        return None
