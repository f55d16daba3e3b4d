/**
 * What a map shows: the settings of its axes with their values, the measure, the step. A setting is
 * chosen from a list, or by pointing at it in the page.
 */
import { targetOf } from "../../core/edits.js";
import { typedNumber } from "../../core/format.js";
import { isParameter } from "../../core/names.js";
import { axisFor, settingsOf, titleOf } from "../../core/sweep.js";
import { variable } from "../../core/trace.js";
import { TEXT } from "../../text/en.js";
import { button, h, set, write } from "../../ui/dom.js";
import { menu, numberField, options, textField } from "../../ui/fields.js";

const NONE = "";
/** @type {[string, string][]} */
const NO_AXIS = [[NONE, TEXT.map.none]];
export const USUAL_STEPS = 100; // of each run

/** A bound as its narrow field can show it: 1e-5, not 0.00001. @param {number | undefined} bound */
const boundText = (bound) => {
  if (bound === undefined) return "";
  const [plain, power] = [String(bound), bound.toExponential()];
  return power.length < plain.length ? power.replace("e+", "e") : plain;
};

/** @param {{store: Store, draw: (sweep: Sweep) => void}} context */
export function mapForm({ store, draw }) {
  const { state } = store;
  const axes = [
    axisControls("rows", TEXT.map.rowAxis),
    axisControls("columns", TEXT.map.columnAxis),
  ];
  const measure = h("select[data-control=map-measure]", { onchange: showGoal });
  const step = numberField({ "data-control": "map-step" });
  const goal = numberField({ "data-control": "map-goal" });
  const repeats = textField({ "data-control": "map-repeats", inputmode: "numeric" });
  const goalRow = row(TEXT.map.costToReach, goal);
  const problem = h("p.problem[role=alert]");
  const form = h(
    "form.map-form[autocomplete=off]",
    { onsubmit: submit },
    h("h2[id=map-title]", TEXT.dock.figures.map.heading),
    axes.map(({ element }) => element),
    row(TEXT.map.colour, measure),
    goalRow,
    row(TEXT.map.afterSteps, step),
    row(TEXT.map.runsPerCell, repeats),
    problem,
    h("button.primary[type=submit][data-action=map-draw]", TEXT.map.draw),
  );
  const box = h(
    "div[aria-labelledby=map-title]",
    { ...{ class: "popup map-popup", id: "map-form", popover: "auto", role: "dialog" } },
    form,
  );
  document.body.append(box);

  /** @param {string} label @param {HTMLElement} control */
  function row(label, control) {
    const id = `${control.dataset.control}-control`;
    set(control, { id });
    return h("div.row.wide", h("label.soft", { for: id }, label), control);
  }

  /** @param {string} name @param {string} label */
  function axisControls(name, label) {
    const chosen = menu([], (value) => fill(axisFor(value, recipe(), state.catalog)), {
      "data-control": `map-${name}`,
      "aria-label": TEXT.map.settingOf(label),
    });
    const point = button(
      `map-point-${name}.small`,
      TEXT.map.point,
      () => pointAt(point, (/** @type {string} */ value) => choose(value)),
      { "aria-pressed": "false", title: TEXT.map.pointTitle },
    );
    const scale = menu(Object.entries(TEXT.map.scales), showScale, {
      "data-control": `map-${name}-scale`,
      "aria-label": TEXT.map.scaleOf(label),
    });
    /** @param {string} part @param {string} text */
    const number = (part, text) =>
      numberField({
        class: "map-number",
        "data-control": `map-${name}-${part}`,
        "aria-label": TEXT.map.partOf(text, label),
        placeholder: text.toLowerCase(),
      });
    const [from, to, count] = [
      number("from", TEXT.map.from),
      number("to", TEXT.map.to),
      number("count", TEXT.map.valueCount),
    ];
    const values = textField({
      class: "map-values",
      "data-control": `map-${name}-values`,
      "aria-label": TEXT.map.valuesOf(label),
    });
    const range = h("span.map-range", from, "…", to, "×", count);
    function showScale() {
      range.hidden = scale.value === "listed";
      values.hidden = !range.hidden;
    }
    function fill(/** @type {Axis | null} */ axis) {
      if (!axis) return;
      scale.value = axis.values ? "listed" : (axis.scale ?? "linear");
      from.value = boundText(axis.from);
      to.value = boundText(axis.to);
      count.value = String(axis.count ?? "");
      values.value = (axis.values ?? []).map(String).join(", ");
      showScale();
    }
    /** @param {string} value a field */
    function choose(value) {
      if (![...chosen.options].some((option) => option.value === value))
        chosen.append(...options([[value, titleOf(value)]]));
      chosen.value = value;
      fill(axisFor(value, recipe(), state.catalog));
    }
    /** @returns {Axis | string} the axis, or what is wrong with it */
    function read() {
      if (scale.value === "listed") {
        const texts = values.value.split(",").map((text) => text.trim());
        return { field: chosen.value, values: texts.filter(Boolean).map(typedValue) };
      }
      const [a, b, n] = [from, to, count].map(({ value }) => typedNumber(value));
      if (![a, b, n].every(Number.isFinite)) return TEXT.map.notNumbers(label);
      return { field: chosen.value, scale: scale.value, from: a, to: b, count: n };
    }
    return {
      element: h(
        "fieldset.map-axis",
        h("legend", label),
        h("span.map-setting", chosen, point),
        h("span.map-setting", scale, range, values),
      ),
      chosen,
      choose,
      fill,
      read,
      optional: name === "columns",
    };
  }

  function typedValue(/** @type {string} */ text) {
    if (text === "true" || text === "false") return text === "true";
    const value = typedNumber(text);
    return Number.isNaN(value) ? text : value;
  }

  const recipe = () =>
    /** @type {Recipe} of what is shown */ (state.map?.recipe ?? state.experiment?.recipe);

  function showGoal() {
    goalRow.hidden = !measure.value.startsWith("steps_to_cost");
  }

  box.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open" && !box.dataset.pointed) refresh();
    delete box.dataset.pointed;
  });

  function refresh() {
    if (!state.experiment || !state.catalog) return;
    const map = state.map;
    const fields = settingsOf(recipe());
    measure.replaceChildren(
      ...options(state.catalog.measures.map(({ name, title }) => ({ name, title }))),
    );
    const wanted = map?.axes ?? [
      axisFor("penalty.l2", recipe(), state.catalog),
      axisFor("optimizer.learning_rate", recipe(), state.catalog),
    ];
    axes.forEach((axis, a) => {
      /** @type {[string, string][]} */
      const offered = fields.map((value) => [value, titleOf(value)]);
      axis.chosen.replaceChildren(...options([...(axis.optional ? NO_AXIS : []), ...offered]));
      if (wanted[a]) {
        axis.choose(wanted[a].field);
        axis.fill(wanted[a]);
      } else axis.chosen.value = NONE;
    });
    measure.value = map?.measure ?? "cost.test";
    step.value = String(map?.step ?? (state.step || USUAL_STEPS));
    goal.value = String(map?.goal ?? 0.3);
    repeats.value = String(map?.repeats ?? 1);
    showGoal();
    write(problem, "");
  }

  function submit(/** @type {SubmitEvent} */ event) {
    event.preventDefault();
    const read = axes.filter((axis) => axis.chosen.value !== NONE).map((axis) => axis.read());
    const wrong = read.find((axis) => typeof axis === "string");
    if (typeof wrong === "string") return write(problem, wrong);
    const numbers = [step, repeats].map(({ value }) => typedNumber(value));
    if (!numbers.every(Number.isInteger)) return write(problem, TEXT.map.notWhole);
    const searched = measure.value.startsWith("steps_to_cost");
    box.hidePopover();
    draw({
      recipe: recipe(),
      axes: /** @type {Axis[]} */ (read),
      step: numbers[0],
      measure: measure.value,
      ...(numbers[1] > 1 ? { repeats: numbers[1] } : {}),
      ...(searched ? { goal: typedNumber(goal.value) } : {}),
    });
  }

  /**
   * The next click on a setting of the form or on a weight in a matrix chooses it.
   * @param {HTMLElement} button @param {(field: string) => void} chosen
   */
  function pointAt(button, chosen) {
    set(button, { "aria-pressed": "true" });
    box.hidePopover();
    document.body.classList.add("pointing");
    const take = (/** @type {Event} */ event) => {
      const target = event.target instanceof Element ? event.target : null;
      const value = target && state.trace && fieldAt(target, state.trace);
      const left = event instanceof KeyboardEvent && event.key === "Escape";
      if (event instanceof KeyboardEvent && !left && !(event.key === "Enter" && value)) return;
      if (!value && !left) return;
      event.preventDefault();
      event.stopPropagation();
      document.removeEventListener("click", take, true);
      document.removeEventListener("keydown", take, true);
      document.body.classList.remove("pointing");
      set(button, { "aria-pressed": "false" });
      box.dataset.pointed = "true";
      box.showPopover();
      if (value) chosen(value);
      button.focus();
    };
    // after this click
    setTimeout(() => {
      document.addEventListener("click", take, true);
      document.addEventListener("keydown", take, true);
    });
  }

  return {
    element: box,
    /** Draw the map of the settings that the form has at first. */
    drawUsual() {
      refresh();
      step.value = String(USUAL_STEPS);
      form.requestSubmit();
    },
    /** @param {string} text what the server refused */
    refuse(text) {
      if (!box.matches(":popover-open")) box.showPopover();
      write(problem, text);
    },
  };
}

/**
 * The field that an element of the page sets or shows.
 * @param {Element} target @param {Trace} trace
 */
export function fieldAt(target, trace) {
  const control =
    target.closest("[data-field]") ?? target.closest(".row")?.querySelector("[data-field]");
  const path = control?.getAttribute("data-field");
  if (path) return path;
  const cell = target.closest("[data-index]");
  const id = cell?.closest("[data-variable]")?.getAttribute("data-variable");
  const index = cell?.getAttribute("data-index");
  if (!id || !index) return null;
  const name = targetOf(variable(trace, id), index.split(",").map(Number));
  return name && isParameter(name) ? name : null;
}
