/**
 * Branch from the step that is shown, with another learning rate, optimizer or activation; the run
 * as it was stays as the reference.
 */

import { baseName } from "../core/activations.js";
import { withEdit } from "../core/edits.js";
import { typedNumber } from "../core/format.js";
import { defaults, find } from "../core/recipe.js";
import { h, set, slot, write } from "../ui/dom.js";

/**
 * @param {{store: import("../state/store.js").Store, session:
 *   import("../server/session.js").Session, player: import("../server/player.js").Player, undo:
 *   import("../state/undo.js").Undo, comparison: import("../server/comparison.js").Comparison}}
 *   surroundings
 * @returns {{branch: (edits: {set: string, to: any}[], step: number) => Promise<void>, restart:
 *   (recipe: any, step: number) => Promise<void>, open: () => void}}
 */
export function mountBranch({ store, session, player, undo, comparison }) {
  const { state } = store;
  const title = h("h2", { id: "branch-title" });
  const rate = h("input", {
    type: "text",
    inputmode: "decimal",
    id: "branch-rate",
    autocomplete: "off",
  });
  const method = h("select", {
    id: "branch-method",
    onchange: () =>
      (rate.value = String(
        method.value === now.method
          ? now.rate
          : (find(state.catalog.optimizers, method.value)?.default_learning_rate ?? now.rate),
      )),
  });
  const activation = h("select", { id: "branch-activation" });
  const activationRow = row("hidden layers", activation);
  const problem = h("p", { class: "problem", role: "alert" });
  const start = h(
    "button",
    { type: "submit", class: "primary", "data-action": "branch-start" },
    "Branch",
  );
  const form = h(
    "form",
    { class: "branch-form", autocomplete: "off" },
    title,
    row("learning rate", rate),
    row("method", method),
    activationRow,
    h(
      "p",
      { class: "soft" },
      "Up to this step both runs are the same. The present run stays beside it.",
    ),
    problem,
    start,
  );
  const box = h(
    "div",
    {
      class: "popup branch",
      id: "branch",
      popover: "auto",
      "aria-labelledby": "branch-title",
      role: "dialog",
    },
    form,
  );
  const button = h(
    "button",
    {
      type: "button",
      class: "small",
      "data-action": "branch",
      popovertarget: "branch",
      title: "Go on from this step with something changed (n)",
    },
    "branch",
  );
  const pin = h(
    "button",
    {
      type: "button",
      class: "small",
      "data-action": "pin",
      title: "Keep this run to compare with",
      onclick: () => comparison.pin(),
    },
    "pin",
  );
  slot("curve-tools").append(button, pin);
  document.body.append(box);
  let now = { id: "", step: 0, rate: 0, method: "", activation: "" }; // what it is about

  // Filled before it is shown: "toggle" comes a moment after, and would overwrite what was typed in
  // that moment.
  box.addEventListener("beforetoggle", (event) => {
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
      method: edited?.to.name ?? state.experiment.recipe.optimizer.name,
      activation: hidden[0]?.activation ?? "",
    };
    write(title, `Branch at step ${frame.step}`);
    rate.value = String(Number(now.rate.toPrecision(6)));
    now.shownRate = rate.value;
    method.replaceChildren(
      ...catalog.optimizers.map(({ name, title: text }) => h("option", { value: name }, text)),
    );
    method.value = now.method;
    activation.replaceChildren(
      ...catalog.activations
        .filter(({ name }) => name !== "softmax")
        .map(({ name, title: text }) => h("option", { value: name }, text)),
    );
    // one with a parameter, such as leaky_relu(0.1), is not in the catalog
    if (baseName(now.activation) !== now.activation)
      activation.append(h("option", { value: now.activation }, now.activation.replace(/_/g, " ")));
    activation.value = now.activation;
    activationRow.hidden = !hidden.length;
    write(problem, "");
  });
  box.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && box.contains(document.activeElement))
      document.activeElement.blur(); // the keys are the page's again
    if (event.newState !== "open" || box.contains(document.activeElement)) return;
    rate.focus();
    rate.select();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = typedNumber(rate.value);
    if (Number.isNaN(value) || value < 0)
      return write(problem, "A learning rate is a number, 0 or more.");
    const edits = [];
    if (method.value !== now.method)
      edits.push({
        set: "optimizer",
        to: {
          name: method.value,
          ...defaults(find(state.catalog.optimizers, method.value)),
          learning_rate: value,
        },
      });
    else if (rate.value !== now.shownRate) edits.push({ set: "learning_rate", to: value });
    if (activation.value !== now.activation)
      for (let layer = 1; layer < state.frame.layers.length; layer++)
        edits.push({ set: `activation${layer}`, to: activation.value });
    if (!edits.length) return write(problem, "Change something: otherwise both runs are the same.");
    box.hidePopover();
    branch(edits, now.step); // the one that it names: the run may have gone on
  });

  /** @param {{set: string, to: any}[]} edits @param {number} step */
  async function branch(edits, step) {
    const before = state.experiment.recipe;
    await restart(
      edits.reduce((changed, edit) => withEdit(changed, { step, ...edit }), before),
      step,
    );
  }

  /**
   * A changed run from a step, beside the one that there was.
   * @param {import("../core/wire.js").Recipe} recipe
   * @param {number} step
   */
  async function restart(recipe, step) {
    if (state.playing) player.pause();
    undo.remember();
    const before = state.experiment.recipe;
    if (await session.open(recipe, step)) store.set({ reference: before });
  }

  store.on(["experiment"], () => now.id !== state.experiment.id && box.hidePopover());
  store.on(["reference"], () => set(pin, { hidden: state.reference !== null }));
  return { branch, restart, open: () => box.togglePopover() };
}

function row(text, control) {
  return h("div", { class: "row wide" }, h("label", { for: control.id }, text), control);
}
