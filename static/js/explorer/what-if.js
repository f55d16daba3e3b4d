/**
 * Change a weight, bias, input or target in the working: typed (double-click or Enter), or with +
 * and −. The change becomes an edit of the experiment at this step. A dragged one is held, see
 * hold.js.
 */

import { dataTarget } from "../core/data-edits.js";
import { targetOf, withEdit } from "../core/edits.js";
import { at } from "../core/entries.js";
import { number, typedNumber } from "../core/format.js";
import { withId } from "../core/names.js";
import { variable } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { slot, write } from "../ui/dom.js";
import { numberField } from "../ui/fields.js";
import { entryOfCell } from "../ui/matrix.js";
import { takeKeys } from "../ui/shortcuts.js";
import { entryName } from "../ui/written-out.js";
import { cellOf } from "./cells.js";

const round = (/** @type {number} */ value) => Number(value.toPrecision(12));

/**
 * A parameter or value of the data that a cell shows, see `dataTarget`.
 * @typedef {{variable: string, index: number[], set: string, key: string, step: number,
 *   name: string, value: number, unit: number, rule: string,
 *   to: (wanted: number, now: number, typed: boolean) => number | null}} Settable
 */

/** @param {HTMLElement} root the working @param {Services} services @param {Dragging} dragging */
export function mountWhatIf(root, { store, session, player, undo }, dragging) {
  const { state } = store;
  /** @type {HTMLInputElement | null} */
  let field = null;
  /** Edits that are not sent yet, the newest of each target. @type {Map<string, Edit>} */
  const unsent = new Map();
  /** New values of entries that still show the old one. @type {Map<string, number>} */
  const wantedValues = new Map();
  let busy = false;
  // the trace that the cells show: while a change is on its way the state has none
  /** @type {Trace | null} */
  let shown = null;
  store.on(["trace"], () => (shown = state.trace ?? (busy ? shown : null)));

  /** What a cell shows, if it can be set. @param {Element} cell @returns {Settable | null} */
  function parameterOf(cell) {
    const pointed = entryOfCell(cell);
    if (!pointed || !shown || !state.data) return null;
    const { variable: id, index } = pointed;
    const array = variable(shown, id);
    const data = dataTarget(id, index, shown, state.data);
    const set = data?.set ?? targetOf(array, index);
    if (!array || !set) return null;
    const key = `${set} ${index}`;
    return {
      ...pointed,
      unit: 0.1,
      to: (wanted) => wanted,
      rule: "",
      ...data,
      set,
      key,
      step: shown.step,
      name: entryName(array, index),
      value: wantedValues.get(key) ?? at(array.value, index) ?? 0,
    };
  }

  /**
   * Changes that come while a request is on its way are sent together after it.
   * @param {Settable} parameter @param {number} to
   */
  async function apply({ step, set }, to) {
    unsent.set(set, { step, set, to });
    if (busy) return;
    busy = true;
    try {
      while (unsent.size && state.experiment) {
        const edits = [...unsent.values()];
        unsent.clear();
        const recipe = edits.reduce(withEdit, state.experiment.recipe);
        await session.open(recipe, edits[edits.length - 1].step);
        const [refused] = Object.entries(state.problems).filter(([field]) =>
          field.startsWith("edits."),
        );
        if (refused) say(refused[1]);
      }
    } finally {
      busy = false;
      wantedValues.clear();
    }
  }

  function begin() {
    if (state.playing) player.pause();
    undo.remember();
    store.set({ remark: null });
  }

  /** Beside the numbers, until the next change, line or step. @param {string} text */
  const say = (text) => store.set({ remark: { text } });

  /** @param {Settable} parameter @param {number} wanted */
  function settle(parameter, wanted) {
    const to = parameter.to(wanted, parameter.value, true);
    if (to === null) return say(parameter.rule);
    begin();
    wantedValues.set(parameter.key, wanted);
    write(slot("announce"), TEXT.working.setTo(parameter.name, number(wanted)));
    return apply(parameter, to);
  }

  function type(/** @type {Element} */ cell) {
    const parameter = parameterOf(cell);
    if (!parameter || field) return;
    const box = cell.getBoundingClientRect();
    const input = numberField({
      ...{ class: "what-if", "data-control": "what-if" },
      "aria-label": TEXT.working.newValueOf(parameter.name),
    });
    field = input;
    input.value = String(parameter.value);
    Object.assign(input.style, {
      left: `${box.right - Math.max(box.width, 88)}px`,
      top: `${box.top - 3}px`,
      width: `${Math.max(box.width, 88)}px`,
    });
    const close = () => {
      field = null;
      input.remove();
      /** @type {HTMLElement | null} */
      const drawn = root.querySelector(
        `${withId("data-variable", parameter.variable)} td[data-index="${parameter.index.join()}"]`,
      );
      drawn?.focus({ preventScroll: true });
    };
    const accept = () => {
      if (field !== input) return;
      const text = input.value.trim();
      const value = typedNumber(text);
      close();
      if (!text || value === parameter.value) return;
      if (Number.isNaN(value)) say(TEXT.working.noNumberHere(text));
      else settle(parameter, value);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") accept();
      else if (event.key === "Escape") close();
    });
    input.addEventListener("blur", accept);
    document.body.append(input);
    input.focus();
    input.select();
  }

  // Not "dblclick": there is none where the cell was replaced between press and release. The timer
  // lets the click come first, which moves the focus.
  root.addEventListener("mouseup", ({ detail, button, clientX, clientY }) => {
    if (detail !== 2 || button !== 0) return;
    setTimeout(() => {
      const cell = document.elementFromPoint(clientX, clientY)?.closest("td[data-index]");
      if (cell && root.contains(cell)) type(cell);
    });
  });
  takeKeys(root, (event) => {
    const cell = cellOf(event);
    const parameter = cell && parameterOf(cell);
    const by = { "+": 1, "-": -1 }[event.key];
    if (!cell || !parameter || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Enter") type(cell);
    else if (by) settle(parameter, round(parameter.value + by * parameter.unit));
    else return false;
    return true;
  });

  dragging.draggable(root, (event) => {
    const cell = cellOf(event);
    const parameter = cell && parameterOf(cell);
    return parameter && { id: parameter.variable, index: parameter.index };
  });
}
