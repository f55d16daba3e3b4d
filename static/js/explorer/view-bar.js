/**
 * The menu of how the working is written: convention, scaling of the cost, Jacobians, output and
 * cost as one line or two, with what each does; and, after each switch, what it changed.
 */

import { course, courseAsked, forgetCourse, keepCourse } from "../core/course.js";
import { place } from "../core/elements.js";
import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { flat } from "../core/lines.js";
import { jacobiansFit, lineOf, NOTATION, quantityIn } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { placeAt } from "../ui/dialog.js";
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

/** The scaling of the cost that is shown. @param {State} state */
const reductionOf = ({ reduction, experiment }) =>
  reduction ?? experiment?.recipe.cost.reduction ?? "";

/** @typedef {(typeof NOTATION)[number]} Switch */

export function createViewBar(/** @type {Services} */ { store }) {
  const { state } = store;
  const conventions = h("div.options");
  const scalings = h("div.options");
  /**
   * @param {"jacobians" | "fused"} name @param {string} action @param {string} text
   * @param {string} said
   */
  const toggle = (name, action, text, said) =>
    button(
      `${action}.option`,
      [h("strong", text), h("span.soft", said)],
      () => store.set({ [name]: !state[name] }),
      { "aria-pressed": "false" },
    );
  const tooMany = h("p.soft", TEXT.viewBar.jacobiansTooMany);
  const jacobians = toggle(
    "jacobians",
    "jacobians",
    TEXT.viewBar.jacobians,
    TEXT.viewBar.jacobiansTitle,
  );
  const apart = toggle("fused", "unfuse", TEXT.viewBar.unfused, TEXT.viewBar.twoLines);
  const asked = h("p.course");
  const menu = h(
    "div.popup.notation[id=notation][popover=auto][role=dialog][aria-labelledby=notation-title]",
    h(
      "header",
      h("h2[id=notation-title]", TEXT.viewBar.howWritten),
      button("close", "×", () => menu.hidePopover(), { "aria-label": TEXT.ui.close }),
    ),
    conventions,
    h("h3", TEXT.viewBar.scaling),
    scalings,
    h("div.options", jacobians, apart),
    tooMany,
    asked,
  );
  const opener = h(
    "button.quiet.view-bar.smaller.unbroken[popovertarget=notation][aria-haspopup=dialog]",
    { "data-action": "notation" },
    TEXT.viewBar.menu,
  );
  menu.addEventListener("toggle", (/** @type {ToggleEvent} */ { newState }) => {
    if (newState === "open") placeAt(menu, opener);
  });
  document.body.append(menu);
  const remark = h("p.remark[role=status][data-readout=remark][hidden]");
  /** @type {Record<"convention" | "reduction", ReturnType<typeof choice>> | null} */
  let pickers = null;
  /** @type {{by: Switch, before: Trace} | null} a switch whose trace has not come yet */
  let switched = null;

  function createPickers(/** @type {Catalog} */ catalog) {
    const cards = (/** @type {{name: string, title: string, description: string}[]} */ entries) =>
      entries.map(({ name, title, description }) => ({
        value: name,
        text: [h("strong", title), h("span.soft", description)],
      }));
    const convention = choice(
      TEXT.viewBar.convention,
      cards(catalog.conventions),
      (value) => store.set({ convention: value }),
      { "data-control": "convention" },
    );
    const reduction = choice(
      TEXT.viewBar.scaling,
      cards(catalog.reductions),
      (value) =>
        store.set({ reduction: value === state.experiment?.recipe.cost.reduction ? null : value }),
      { "data-control": "reduction" },
    );
    conventions.append(convention.element);
    scalings.append(reduction.element);
    return { convention, reduction };
  }

  /** Once: whether one's course writes it so. @param {State} state */
  function askCourse(state) {
    const written = course();
    const now = { convention: state.convention, reduction: reductionOf(state) };
    const answer = (/** @type {Parameters<typeof keepCourse>[0]} */ answer) => () => {
      keepCourse(answer);
      askCourse(state);
    };
    const forget = () => {
      forgetCourse();
      askCourse(state);
    };
    const known = written && [
      TEXT.check.courseKept(TEXT.check.convention3(written)),
      button("forget-course.quiet", TEXT.check.forgetCourse, forget),
    ];
    const question = [
      TEXT.viewBar.yourCourse,
      button(
        "keep-course.quiet",
        TEXT.check.keepCourse,
        answer({ ...now, step: written?.step ?? "subtract" }),
      ),
      button("no-course.quiet", TEXT.check.noCourse, answer(null)),
    ];
    patch(asked, known ?? (courseAsked() ? null : question));
  }
  // A visit without a link begins as one's course writes it.
  let written = location.hash.length > 1 ? null : course();
  store.on(["experiment"], () => {
    if (!written || !state.experiment) return;
    const { convention, reduction } = written;
    written = null;
    store.set({ convention, ...(reduction === reductionOf(state) ? {} : { reduction }) });
  });

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
  store.on([...NOTATION], (_, changed) => {
    const by = NOTATION.find((name) => changed.has(name));
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
    element: opener,
    remark,
    draw() {
      if (!state.catalog || !state.experiment) return;
      pickers ??= createPickers(state.catalog);
      pickers.convention.show(state.convention);
      pickers.reduction.show(reductionOf(state));
      const fits = state.data && jacobiansFit(state.experiment.recipe, state.data, state.sample);
      set(jacobians, { "aria-pressed": String(state.jacobians && fits), disabled: !fits });
      tooMany.hidden = Boolean(fits);
      set(apart, {
        "aria-pressed": String(!state.fused),
        hidden: !fusable(state.experiment.recipe),
      });
      askCourse(state);
      remark.hidden = !state.remark;
      const { text, was, is } = state.remark ?? {};
      patch(remark, text, was && [TEXT.viewBar.before, math(was), TEXT.viewBar.now, math(is), "."]);
    },
  };
}

/**
 * What a switch has changed, in words; and the formula before and now, where it is another.
 * @param {Switch} switched @param {Trace} before @param {State} state @returns {Remark}
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
  const note =
    state.reduction === null
      ? ""
      : TEXT.viewBar.runTrainsWith(
          (state.experiment.recipe.cost.reduction ?? "").replace(/_/g, " "),
        );
  return { text: `${scaled(ratio)}.${note}`, ...formulas };
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
