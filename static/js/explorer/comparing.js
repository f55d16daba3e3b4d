/**
 * A second run beside the one that is shown: A is kept, B goes on with something changed. Here are
 * the ways to it and its line on the page; two-runs.js has both beside each other.
 */
import { difference, withEdit } from "../core/edits.js";
import { number } from "../core/format.js";
import { withActivations } from "../core/recipe.js";
import { costVeiled } from "../core/veil.js";
import { TEXT } from "../text/en.js";
import { button, h, patch, set, slot } from "../ui/dom.js";

/** @typedef {import("../core/remedies.js").Change} Change */

/** @param {Services} services @returns {Branching} */
export function mountComparing({ store, painter, session, player, undo, comparison }) {
  const { state } = store;
  const root = slot("comparison");
  const runs = h("p.both-costs");
  const open = () => {
    if (!state.experiment) return;
    if (!state.reference) comparison.keep();
    store.set({ both: !state.both });
  };
  const compare = button("compare.small", TEXT.twoRuns.compare, open, {
    title: TEXT.twoRuns.compareTitle,
  });
  const end = button(
    "end-comparison.small",
    "×",
    () => {
      comparison.end();
      compare.hidden = false;
      compare.focus(); // the pressed button disappears
    },
    { title: TEXT.twoRuns.end, "aria-label": TEXT.twoRuns.end },
  );
  slot("run-tools").append(compare);
  root.append(runs, button("both-runs.small", TEXT.twoRuns.open, open), end);

  painter.add("comparison", 0, (state) => {
    const { reference, compared } = state;
    const on = reference !== null && compared !== null && state.frame !== null;
    root.hidden = !on;
    document.body.dataset.comparing = String(on);
    set(compare, { hidden: on });
    if (!on) return;
    const [current, kept] = [state.experiment.recipe, compared.experiment.recipe];
    const veiled = costVeiled(state);
    patch(
      runs,
      runOf("reference", difference(kept, current), compared.frame, veiled),
      runOf("current", difference(current, kept), state.frame, veiled),
    );
  });

  /** @type {Branching["branch"]} */
  async function branch(edits, step, kept) {
    if (!state.experiment) return;
    const { recipe } = state.experiment;
    const changed = edits.reduce((before, edit) => withEdit(before, { step, ...edit }), recipe);
    await restart(changed, step, kept);
  }

  /** The activations of layers from the shown step on; of the whole run where that is the first. */
  async function setActivations(/** @type {LayerActivation[]} */ activations) {
    const { frame, experiment } = state;
    if (!frame) return;
    if (frame.step > 0)
      return branch(
        activations.map(({ layer, activation }) => ({ set: `activation${layer}`, to: activation })),
        frame.step,
      );
    if (state.playing) player.pause();
    undo.remember();
    await session.open(withActivations(experiment.recipe, activations), 0);
  }

  /** @type {Branching["restart"]} */
  async function restart(recipe, step, kept = state.experiment?.recipe ?? null) {
    if (state.playing) player.pause();
    undo.remember();
    if (await session.open(recipe, step)) store.set({ reference: kept });
  }

  return { branch, restart, setActivations, open };
}

/**
 * One run in a line: its letter, in what it differs, its costs.
 * @param {"current" | "reference"} run @param {string} what it differs in
 * @param {Frame | null} frame @param {boolean} veiled
 */
function runOf(run, what, frame, veiled) {
  const cost = (/** @type {number | null | undefined} */ value) =>
    veiled ? "?" : typeof value === "number" ? number(value, 4) : "–";
  const said = frame
    ? TEXT.twoRuns.run(
        frame.diverged ? TEXT.twoRuns.diverged(frame.step) : String(frame.step),
        cost(frame.cost.train),
        cost(frame.cost.test),
      )
    : "…";
  const thin = run === "current" ? "" : ".thin";
  return h(
    "span",
    { "data-run": run, title: what },
    h("b", run === "current" ? "B" : "A"),
    h(`span.key-run${thin}`, { "aria-hidden": "true" }),
    ` ${what || TEXT.twoRuns.asItWas}: `,
    h("span.run-numbers", said),
  );
}
