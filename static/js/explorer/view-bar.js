/**
 * How the working is written: convention, scaling of the cost, Jacobians, output and cost as one
 * line or two; and, after each switch, what it changed.
 */

import { place } from "../core/elements.js";
import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { jacobiansFit, lineOf, quantityIn } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, math, patch, set } from "../ui/dom.js";

/** @type {Record<string, string>} */
const CONVENTIONS = {
  column: TEXT.viewBar.columnConvention,
  row: TEXT.viewBar.rowConvention,
  lecture: TEXT.viewBar.lectureConvention,
};

/** Whether output activation and cost can be one line. @param {Recipe} recipe */
export function fusable({ network, cost }) {
  const output = network.layers[network.layers.length - 1].activation;
  return (
    (output === "softmax" && cost.name === "cross_entropy") ||
    (output === "sigmoid" && cost.name === "binary_cross_entropy")
  );
}

/** @typedef {"convention" | "reduction" | "jacobians" | "fused"} Switch */

/** @type {Switch[]} */
const SWITCHES = ["convention", "reduction", "jacobians", "fused"];

export function createViewBar(/** @type {Pick<Services, "store">} */ { store }) {
  const { state } = store;
  const conventions = h("div.convention");
  const scaling = h("select", {
    "data-control": "reduction",
    "aria-label": TEXT.viewBar.scaling,
    onchange: () =>
      store.set({
        reduction: scaling.value === state.experiment?.recipe.cost.reduction ? null : scaling.value,
      }),
  });
  /**
   * @param {"jacobians" | "fused"} name @param {string} action @param {string} text
   * @param {string} title
   */
  const toggle = (name, action, text, title) =>
    button(`${action}.switch`, text, () => store.set({ [name]: !state[name] }), {
      "aria-pressed": "false",
      title,
    });
  const jacobians = toggle("jacobians", "jacobians", TEXT.viewBar.jacobians, "");
  const apart = toggle("fused", "unfuse", TEXT.viewBar.unfused, TEXT.viewBar.twoLines);
  const element = h(
    "div.view-bar",
    { role: "group", "aria-label": TEXT.viewBar.howWritten },
    h("label.scaling", h("span", TEXT.viewBar.costAs), scaling),
    jacobians,
    apart,
  );
  const remark = h("p.remark", { role: "status", "data-readout": "remark", hidden: true });
  /** @type {ReturnType<typeof choice> | null} */
  let picker = null;
  /** @type {{by: Switch, before: Trace} | null} a switch whose trace has not come yet */
  let switched = null;

  function createPicker(/** @type {Catalog} */ catalog) {
    const options = catalog.conventions.map(({ name, title, description }) => ({
      value: name,
      text: name,
      title: `${title}. ${description}`,
    }));
    const created = choice(
      TEXT.viewBar.convention,
      options,
      (convention) => store.set({ convention }),
      { "data-control": "convention" },
    );
    conventions.append(created.element);
    scaling.append(
      ...catalog.reductions.map(({ name, title, description }) =>
        h("option", { value: name, title: description }, title),
      ),
    );
    return created;
  }

  let convention = state.convention;
  store.on(["convention"], (_, changed) => {
    // an entry of W has its two indices the other way round; one of a link is as it shall be
    const turned = (convention === "column") !== (state.convention === "column");
    convention = state.convention;
    if (
      turned &&
      !changed.has("entry") &&
      state.entry &&
      place(lineOf(state.trace, state.line), 0)?.matrix
    )
      store.set({ entry: [state.entry[1], state.entry[0]] });
  });
  store.on(SWITCHES, (_, changed) => {
    const by = SWITCHES.find((name) => changed.has(name));
    if (by && state.trace && !state.playing) switched = { by, before: state.trace };
  });
  store.on(["trace"], () => {
    if (!switched || state.trace === switched.before) return;
    // without a trace another experiment is on its way: there is nothing to compare
    if (state.trace) store.set({ remark: explain(switched.by, switched.before, state) });
    switched = null;
  });
  store.on(["line", "step", "sample"], (_, changed) => {
    if (state.remark && !changed.has("trace")) store.set({ remark: null });
  });

  return {
    element,
    conventions,
    remark,
    draw() {
      if (!state.catalog || !state.experiment) return;
      picker ??= createPicker(state.catalog);
      picker.show(state.convention);
      scaling.value = state.reduction ?? state.experiment.recipe.cost.reduction ?? "";
      const fits = state.data && jacobiansFit(state.experiment.recipe, state.data, state.sample);
      set(jacobians, {
        "aria-pressed": String(state.jacobians && fits),
        disabled: !fits,
        title: fits ? TEXT.viewBar.jacobiansTitle : TEXT.viewBar.jacobiansTooMany,
      });
      set(apart, {
        "aria-pressed": String(!state.fused),
        hidden: !fusable(state.experiment.recipe),
      });
      remark.hidden = !state.remark;
      const { text, was, is } = state.remark ?? {};
      patch(
        remark,
        text,
        was ? [TEXT.viewBar.before, math(was), TEXT.viewBar.now, math(is), "."] : null,
      );
    },
  };
}

/**
 * What a switch has changed, in words; and the formula before and now, where it is another.
 * @param {Switch} switched @param {Trace} before @param {State} state
 * @returns {import("../state/store.js").Remark}
 */
export function explain(switched, before, state) {
  const { trace } = state;
  const [was, is] = [lineOf(before, state.line)?.formula, lineOf(trace, state.line)?.formula];
  const formulas = was && is && was.latex !== is.latex ? { was, is } : {};
  if (switched === "convention")
    return { text: TEXT.viewBar.sameNumbers(CONVENTIONS[trace.convention] ?? ""), ...formulas };
  if (switched === "jacobians")
    return { text: state.jacobians ? TEXT.viewBar.jacobiansOn : TEXT.viewBar.jacobiansOff };
  if (switched === "fused")
    return { text: state.fused ? TEXT.viewBar.oneLine : TEXT.viewBar.twoLinesNow };
  const ratio = ratioOf(before, trace);
  const own =
    state.reduction === null
      ? ""
      : TEXT.viewBar.runTrainsWith(
          (state.experiment.recipe.cost.reduction ?? "").replace(/_/g, " "),
        );
  return { text: `${scaled(ratio)}.${own}`, ...formulas };
}

/**
 * The factor between the gradients: from the largest entry of the last layer's.
 * @param {Trace} before @param {Trace} now
 */
function ratioOf(before, now) {
  const [p, q] = [before, now].map((trace) =>
    flat(quantityIn(trace, "dC_db", now.gradients.length)?.value ?? []),
  );
  let k = 0;
  p.forEach((value, i) => {
    if (Math.abs(value) > Math.abs(p[k])) k = i;
  });
  const ratio = at(q, [k]) / p[k];
  return Number.isFinite(ratio) && ratio > 0 ? Number(ratio.toPrecision(6)) : null;
}

/** @param {number | null} ratio of the new cost to the old one; null: it is no single number */
function scaled(ratio) {
  if (ratio === null) return TEXT.viewBar.scaledAnew;
  return ratio === 1 ? TEXT.viewBar.sameNumbersHere : TEXT.viewBar.costTimes(number(ratio, 3));
}
