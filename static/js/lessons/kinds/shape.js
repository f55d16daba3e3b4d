/** A shape, typed. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { textField } from "../../ui/fields.js";

/** @type {Kind<Schemas["ShapeQuestion"]>} */
export function shape(_, { name, onChange }) {
  const input = textField({
    class: "shape-field",
    id: name,
    placeholder: "( … )",
    oninput: onChange,
  });
  const sign = h("span.sign[aria-hidden=true]");
  const element = h(
    "div.one-field.side-by-side",
    h("label.soft", { for: name }, TEXT.lesson.shape),
    input,
    sign,
  );
  return {
    element,
    read: () =>
      input.value.trim() ? { value: input.value.trim() } : { problem: TEXT.lesson.typeShape },
    mark({ right }) {
      element.dataset.mark = right ? "right" : "wrong";
    },
    clear() {
      delete element.dataset.mark;
    },
    fill(answer) {
      input.value = Array.isArray(answer)
        ? `(${answer.join(", ")}${answer.length === 1 ? "," : ""})`
        : String(answer);
    },
    lock() {
      input.readOnly = true;
    },
    focus: () => input.focus(),
  };
}

/** @type {OnPaper<Schemas["ShapeQuestion"]>} */
export const shapeOnPaper = () => ({
  room: h("p", TEXT.sheet.shape),
  attempt: [1],
  solution: (answer) => {
    const sizes = [answer].flat();
    return h("p", `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`);
  },
});
