/**
 * What if this weight, bias, input or target were another: typed (double-click or Enter), dragged
 * sideways, or nudged with + and −. Everything follows, and the change becomes an edit of the
 * experiment at this step.
 */

import { dataTarget } from "../core/data-edits.js";
import { targetOf, withEdit } from "../core/edits.js";
import { at } from "../core/entries.js";
import { number, typedNumber } from "../core/format.js";
import { variable } from "../core/trace.js";
import { h, slot, write } from "../ui/dom.js";
import { entryOfCell } from "../ui/matrix.js";
import { entryName } from "../ui/written-out.js";

const START = 4; // pixels before a press becomes a drag
const round = (value) => Number(value.toPrecision(12));

/**
 * @param {HTMLElement} root the working
 * @param {{store: import("../state/store.js").Store, session:
 *   import("../server/session.js").Session, player: import("../server/player.js").Player, undo:
 *   import("../state/undo.js").Undo}} surroundings
 * @returns {{dragged: () => boolean}} whether the click that comes now ended a drag
 */
export function mountWhatIf(root, { store, session, player, undo }) {
  const { state } = store;
  let field = null;
  let drag = null;
  let justDragged = false;
  /**
   * Edits that are not sent yet, the newest of each target.
   * @type {Map<string, {step: number, set: string, to: any}>}
   */
  const unsent = new Map();
  /** What entries shall be that do not show it yet. @type {Map<string, number>} */
  const wantedValues = new Map();
  let busy = false;
  // the trace that the cells show: while a change is on its way the state has none
  let shown = null;
  store.on(["trace"], () => (shown = state.trace ?? (busy ? shown : null)));

  /** The parameter or value of the data that a cell shows, if it can be set. */
  function parameterOf(cell) {
    const pointed = entryOfCell(cell);
    if (!pointed || !shown) return null;
    const { variable: id, index } = pointed;
    const value = at(variable(shown, id).value, index) ?? 0;
    const data = dataTarget(id, index, shown, state.data);
    const set = data?.set ?? targetOf(id, index, shown.convention);
    if (!set) return null;
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
      value: wantedValues.get(key) ?? value,
    };
  }

  /** What has come together is sent as soon as what was sent before is answered. */
  async function apply({ step, set }, to) {
    unsent.set(set, { step, set, to });
    if (busy) return;
    busy = true;
    try {
      while (unsent.size) {
        const edits = [...unsent.values()];
        unsent.clear();
        await session.open(edits.reduce(withEdit, state.experiment.recipe), edits.at(-1).step);
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

  /** Beside the numbers, until there is another change or another line or step is looked at. */
  const say = (text) => store.set({ remark: { text } });

  function settle(parameter, wanted) {
    const to = parameter.to(wanted, parameter.value, true);
    if (to === null) return say(parameter.rule);
    begin();
    wantedValues.set(parameter.key, wanted);
    write(
      slot("announce"),
      `${entryName(parameter.variable, parameter.index)} set to ${number(wanted)}`,
    );
    return apply(parameter, to);
  }

  function type(cell) {
    const parameter = parameterOf(cell);
    if (!parameter || field) return;
    const box = cell.getBoundingClientRect();
    field = h("input", {
      type: "text",
      class: "what-if",
      "data-control": "what-if",
      inputmode: "decimal",
      "aria-label": `New value of ${entryName(parameter.variable, parameter.index)}`,
      spellcheck: "false",
      autocomplete: "off",
    });
    field.value = String(parameter.value);
    Object.assign(field.style, {
      left: `${box.right - Math.max(box.width, 88)}px`,
      top: `${box.top - 3}px`,
      width: `${Math.max(box.width, 88)}px`,
    });
    const close = () => {
      const own = field;
      field = null;
      own?.remove();
      root
        .querySelector(
          `[data-variable="${parameter.variable}"] td[data-index="${parameter.index.join()}"]`,
        )
        ?.focus({ preventScroll: true });
    };
    const accept = () => {
      if (!field) return;
      const text = field.value.trim();
      const value = typedNumber(text);
      close();
      if (!text || value === parameter.value) return;
      if (Number.isNaN(value)) say(`${text} is no number that can stand here.`);
      else settle(parameter, value);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") accept();
      else if (event.key === "Escape") close();
    });
    field.addEventListener("blur", accept);
    document.body.append(field);
    field.focus();
    field.select();
  }

  // Not "dblclick": it does not come where the cell was drawn anew between press and release. And
  // after the click that
  // follows, which moves the focus.
  root.addEventListener("mouseup", ({ detail, button, clientX, clientY }) => {
    if (detail !== 2 || button !== 0 || justDragged) return;
    setTimeout(() => {
      const cell = document.elementFromPoint(clientX, clientY)?.closest("td[data-index]");
      if (cell && root.contains(cell)) type(cell);
    });
  });
  root.addEventListener(
    "keydown",
    (event) => {
      const cell = event.target.closest?.("td[data-index]");
      const parameter = cell && parameterOf(cell);
      if (!parameter || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter") type(cell);
      else if (event.key === "+" || event.key === "-")
        settle(
          parameter,
          round(parameter.value + (event.key === "+" ? parameter.unit : -parameter.unit)),
        );
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  root.addEventListener("pointerdown", (event) => {
    justDragged = false;
    const cell = event.target.closest("td[data-index]");
    const parameter = event.button === 0 && cell ? parameterOf(cell) : null;
    if (parameter)
      drag = { parameter, x: event.clientX, y: event.clientY, active: false, id: event.pointerId };
  });
  addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const by = event.clientX - drag.x;
    if (!drag.active) {
      if (Math.abs(by) < START || Math.abs(by) < Math.abs(event.clientY - drag.y)) return;
      drag.active = true;
      begin();
      store.set({ dragging: true, hoverEntry: null });
      document.body.classList.add("dragging");
    }
    // a pixel is a hundredth; with Shift a thousandth
    drag.value = round(
      Number((drag.parameter.value + by * (event.shiftKey ? 0.001 : 0.01)).toFixed(4)),
    );
    const to = drag.parameter.to(drag.value, drag.parameter.value, false);
    if (to !== null && to !== drag.sent) {
      wantedValues.set(drag.parameter.key, drag.value);
      apply(drag.parameter, to);
    }
    drag.sent = to;
  });
  const end = () => {
    if (!drag) return;
    if (drag.active) {
      justDragged = true;
      document.body.classList.remove("dragging");
      write(
        slot("announce"),
        `${entryName(drag.parameter.variable, drag.parameter.index)} set to ${number(drag.value)}`,
      );
      store.set({ dragging: false });
    }
    drag = null;
  };
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);

  return { dragged: () => justDragged };
}
