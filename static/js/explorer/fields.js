/**
 * Form controls of the experiment. Each has its path in the recipe as `data-field`, shows the
 * server's message about it beside itself, and keeps what was typed.
 */

import { typedNumber } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { h, set } from "../ui/dom.js";
import { menu, numberField as typedField } from "../ui/fields.js";
import { worded } from "./words.js";

/**
 * @param {string} label @param {HTMLElement} control with its path as `data-field`
 * @param {"wide" | "half" | "check" | "bare"} size class of the row
 * @param {Record<string, string | undefined>} [attributes]
 */
export function row(label, control, size, attributes = {}) {
  const path = control.dataset.field ?? "";
  const id = `field-${path.replace(/\./g, "-")}`;
  set(control, { id, "aria-describedby": `${id}-problem` });
  return h(
    "div",
    { class: `row ${size}`, ...attributes },
    h(
      size === "half" ? "label.soft.shortened" : "label.soft",
      { for: id },
      size === "bare" ? label : worded(label),
    ),
    control,
    h("p.problem[hidden]", { id: `${id}-problem`, "data-problem": path }),
  );
}

/**
 * @param {Form} form @param {string} path
 * @param {{name: string, title: string, description?: string}[]} entries
 * @param {(name: string) => void} [choose] what a choice does, if more than setting the field
 */
export const select = (form, path, entries, choose) =>
  menu(entries, choose ?? ((name) => form.change(path, name, true)), { "data-field": path });

/**
 * A number is a text field: a half-typed "1e-" is kept, and no wheel changes a value by accident.
 * @param {Form} form @param {string} path
 * @param {{integer?: boolean, minimum?: number, maximum?: number, empty?: null, placeholder?:
 *   string}} [options] empty: what no text means
 */
export function numberField(
  form,
  path,
  { integer = false, minimum, maximum, empty, placeholder } = {},
) {
  const bounds =
    minimum !== undefined && maximum !== undefined ? TEXT.experiment.fromTo(minimum, maximum) : "";
  const control = typedField({ "data-field": path, placeholder, title: bounds });
  /** @param {boolean} now do not wait for more typing */
  const send = (now) => {
    if (control.value.trim() === "" && empty === null) {
      form.problem(path, null);
      form.change(path, null, now);
      return;
    }
    const value = typedNumber(control.value);
    if (Number.isNaN(value)) form.problem(path, TEXT.experiment.numberNeeded);
    else if (integer && !Number.isInteger(value))
      form.problem(path, TEXT.experiment.wholeNumberNeeded);
    else {
      form.problem(path, null);
      form.change(path, value, now);
    }
  };
  control.addEventListener("input", () => send(false));
  control.addEventListener("change", () => send(true));
  control.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const value = typedNumber(control.value);
    if (Number.isNaN(value)) return;
    event.preventDefault();
    control.value = String(
      nudge(value, event.key === "ArrowUp" ? 1 : -1, integer, minimum, maximum),
    );
    send(false);
  });
  return control;
}

/**
 * One up or down in the leading digit: 0.1 goes to 0.09 and 0.2. Whole numbers go by 1.
 * @param {number} value @param {1 | -1} direction @param {boolean} integer
 * @param {number} [minimum] @param {number} [maximum]
 */
export function nudge(value, direction, integer, minimum = -Infinity, maximum = Infinity) {
  let unit = 1;
  if (!integer) {
    const size = Math.abs(value);
    unit = size === 0 ? 0.01 : 10 ** Math.floor(Math.log10(size) + 1e-9);
    if (direction < 0 && Math.abs(size - unit) < unit * 1e-9) unit /= 10;
  }
  const moved = Number((value + direction * unit).toPrecision(12));
  return Math.max(minimum, Math.min(maximum, moved));
}

/** @param {Form} form @param {string} path */
export function checkbox(form, path) {
  const control = h("input[type=checkbox]", {
    "data-field": path,
    onchange: () => form.change(path, control.checked, true),
  });
  return control;
}

/**
 * Show a value of the recipe in a control. Text that is being typed stays, if it means the same
 * number ("0.30").
 * @param {HTMLInputElement | HTMLSelectElement} control
 * @param {unknown} value its type depends on the field
 * @param {boolean} keep what is typed is no number yet, or was refused
 */
export function display(control, value, keep) {
  if ("checked" in control && control.type === "checkbox") control.checked = Boolean(value);
  else if (control.tagName === "SELECT") control.value = String(value);
  else if (!keep && !(document.activeElement === control && typedNumber(control.value) === value))
    control.value = value === null || value === undefined ? "" : String(value);
}
