/**
 * Branch from the step that is shown, with another learning rate, optimizer or activation; the run
 * as it was stays as the reference.
 */

import { baseName } from "../core/activations.js";
import { withEdit } from "../core/edits.js";
import { typedNumber } from "../core/format.js";
import { defaults, find, withActivations } from "../core/recipe.js";
import { TEXT } from "../text/en.js";
import { h, set, write } from "../ui/dom.js";
import { menu, numberField, options } from "../ui/fields.js";

/** @typedef {import("../core/remedies.js").Change} Change */
/**
 * `branch` changes the run from a step on; `restart` shows another recipe at a step. Both keep the
 * run as it was beside the new one.
 * @typedef {{branch: (edits: Change[], step: number) => Promise<void>, restart: (recipe: Recipe,
 *   step: number) => Promise<void>, open: () => void, setActivations: (activations:
 *   LayerActivation[]) => Promise<void>, button: HTMLElement, pin: HTMLElement}} Branching
 */

/**
 * @param {Pick<Services, "store" | "session" | "player" | "undo" | "comparison">} services
 * @returns {Branching}
 */
export function mountBranch({ store, session, player, undo, comparison }) {
  const { state } = store;
  const title = h("h2", { id: "branch-title" });
  const rate = numberField({ id: "branch-rate" });
  const method = menu(
    [],
    (name) => {
      const usual = find(state.catalog?.optimizers, name)?.default_learning_rate;
      rate.value = String(name === now.method ? now.rate : (usual ?? now.rate));
    },
    { id: "branch-method" },
  );
  const activation = h("select", { id: "branch-activation" });
  const activationRow = row(TEXT.branch.hiddenLayers, activation);
  const problem = h("p.problem", { role: "alert" });
  const start = h(
    "button.primary",
    { type: "submit", "data-action": "branch-start" },
    TEXT.branch.branch,
  );
  const form = h(
    "form.branch-form",
    { autocomplete: "off" },
    title,
    row(TEXT.core.learningRate, rate),
    row(TEXT.experiment.rows.method, method),
    activationRow,
    h("p.soft", TEXT.branch.upToThisStep),
    problem,
    start,
  );
  const box = h(
    "div.popup.branch",
    { id: "branch", popover: "auto", "aria-labelledby": "branch-title", role: "dialog" },
    form,
  );
  const button = h(
    "button.small",
    { "data-action": "branch", popovertarget: "branch", title: TEXT.branch.goOnChanged },
    TEXT.branch.branchShort,
  );
  const pin = h(
    "button.small",
    { "data-action": "pin", title: TEXT.branch.keepRun, onclick: () => comparison.pin() },
    TEXT.branch.pin,
  );
  document.body.append(box);
  // the run when the box was opened
  let now = { id: "", step: 0, rate: 0, shownRate: "", method: "", activation: "" };

  // Filled before it is shown: "toggle" comes a moment after, and would overwrite what was typed in
  // that moment.
  box.addEventListener("beforetoggle", (/** @type {ToggleEvent} */ event) => {
    if (event.newState !== "open" || !state.frame || !state.catalog) return;
    const { frame, catalog } = state;
    const hidden = frame.layers.slice(0, -1);
    const edited = (state.experiment.recipe.edits ?? []).findLast(
      (edit) => edit.set === "optimizer" && edit.step <= frame.step,
    );
    now = {
      id: state.experiment.id,
      step: frame.step,
      rate: frame.learning_rate,
      shownRate: String(Number(frame.learning_rate.toPrecision(6))),
      method: edited?.to.name ?? state.experiment.recipe.optimizer.name,
      activation: hidden[0]?.activation ?? "",
    };
    write(title, TEXT.branch.branchAt(frame.step));
    rate.value = now.shownRate;
    method.replaceChildren(...options(catalog.optimizers));
    method.value = now.method;
    activation.replaceChildren(
      ...options(catalog.activations.filter(({ name }) => name !== "softmax")),
    );
    // one with a parameter, such as leaky_relu(0.1), is not in the catalog
    if (baseName(now.activation) !== now.activation)
      activation.append(...options([[now.activation, now.activation.replace(/_/g, " ")]]));
    activation.value = now.activation;
    activationRow.hidden = !hidden.length;
    write(problem, "");
  });
  box.addEventListener("toggle", (/** @type {ToggleEvent} */ event) => {
    const { activeElement } = document;
    if (event.newState === "closed" && activeElement instanceof HTMLElement)
      if (box.contains(activeElement)) activeElement.blur(); // the keys are the page's again
    if (event.newState !== "open" || box.contains(document.activeElement)) return;
    rate.focus();
    rate.select();
  });

  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const value = typedNumber(rate.value);
    if (Number.isNaN(value) || value < 0) return write(problem, TEXT.branch.rateNeeded);
    /** @type {Change[]} */
    const edits = [];
    if (method.value !== now.method)
      edits.push({
        set: "optimizer",
        to: {
          name: method.value,
          ...defaults(find(state.catalog?.optimizers, method.value)),
          learning_rate: value,
        },
      });
    else if (rate.value !== now.shownRate) edits.push({ set: "learning_rate", to: value });
    if (activation.value !== now.activation)
      for (let layer = 1; layer < (state.frame?.layers.length ?? 0); layer++)
        edits.push({ set: `activation${layer}`, to: activation.value });
    if (!edits.length) return write(problem, TEXT.branch.changeSomething);
    box.hidePopover();
    branch(edits, now.step); // the step in the title: the run may have gone on
  });

  /** @param {Change[]} edits @param {number} step */
  async function branch(edits, step) {
    if (!state.experiment) return;
    const { recipe } = state.experiment;
    await restart(
      edits.reduce((changed, edit) => withEdit(changed, { step, ...edit }), recipe),
      step,
    );
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

  /**
   * A changed run from a step, beside the present one.
   * @param {Recipe} recipe @param {number} step
   */
  async function restart(recipe, step) {
    if (state.playing) player.pause();
    undo.remember();
    const before = state.experiment?.recipe ?? null;
    if (await session.open(recipe, step)) store.set({ reference: before });
  }

  store.on(["experiment"], () => now.id !== state.experiment?.id && box.hidePopover());
  store.on(["reference"], () => set(pin, { hidden: state.reference !== null }));
  return { branch, restart, setActivations, open: () => box.togglePopover(), button, pin };
}

/** @param {string} text @param {HTMLElement} control */
function row(text, control) {
  return h("div.row.wide", h("label.soft", { for: control.id }, text), control);
}
