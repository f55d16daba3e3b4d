/** One of several options. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { box, options as printed } from "../paper.js";
import { inline, spoken } from "../rich.js";

/** @type {Kind<Schemas["ChoiceQuestion"]>} */
export const choice = ({ options }, form) =>
  radios(
    ["div.options", "div.option"],
    options.map((text) => ({ label: inline(text), said: spoken(text) })),
    form,
    TEXT.lesson.chooseOption,
  );

/**
 * A list of radio buttons as a control.
 * @param {["div", "div"] | string[]} selectors of the list and of a row
 * @param {{label: Child, said: string, blank?: boolean}[]} options blank: cannot be chosen
 * @param {AnswerForm} form @param {string} need what to say while none is chosen @returns {Control}
 */
export function radios([list, line], options, { name, onChange }, need) {
  const inputs = options.map(({ said, blank = false }, k) =>
    h("input", {
      ...{ type: "radio", name, value: String(k), id: `${name}-${k}` },
      "aria-label": said,
      onchange: onChange,
      hidden: blank,
    }),
  );
  const rows = options.map(({ label }, k) =>
    h(
      /** @type {"div"} */ (line),
      { "data-option": k },
      inputs[k],
      h("label", { for: `${name}-${k}` }, label),
      h("span.sign[aria-hidden=true]"),
    ),
  );
  const element = h(
    /** @type {"div"} */ (list),
    { role: "radiogroup", "aria-labelledby": `${name}-prompt` },
    rows,
  );
  const chosen = () => inputs.findIndex(({ checked }) => checked);
  return {
    element,
    read: () => (chosen() < 0 ? { problem: need } : { value: chosen() }),
    mark(mark) {
      const row = rows[chosen()];
      if (row) row.dataset.mark = mark.right ? "right" : "wrong";
    },
    clear() {
      // a wrong option stays crossed out
      for (const row of rows) if (row.dataset.mark === "right") delete row.dataset.mark;
    },
    fill(answer) {
      inputs[Number(answer)].checked = true;
    },
    lock() {
      for (const input of inputs) input.disabled = true;
    },
    focus: () => (inputs[chosen()] ?? inputs[0]).focus(),
  };
}

const letter = (/** @type {number} */ k) => `${String.fromCharCode(97 + k)})`;

/** @type {OnPaper<Schemas["ChoiceQuestion"]>} */
export const choiceOnPaper = ({ options }) => ({
  room: printed(options.map((option, k) => [box(), letter(k), h("span", inline(option))])),
  attempt: 0,
  solution: (answer) => h("p", `${letter(Number(answer))} `, inline(options[Number(answer)])),
});
