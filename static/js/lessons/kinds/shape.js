/** A shape, typed. */
import { TEXT } from "../../text/en.js";
import { h } from "../../ui/dom.js";
import { textField, typedAnswer } from "../../ui/fields.js";

/** @param {number[]} sizes as Python writes a tuple */
const tuple = (sizes) => `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;

/**
 * One field between its label and its mark.
 * @param {string} label @param {string} need said of an empty one
 * @param {Record<string, Attribute> & {id: string}} attributes
 */
export function oneField(label, need, attributes) {
  const field = textField(attributes);
  const named = h("label.soft", { for: attributes.id }, label);
  const sign = h("span.sign[aria-hidden=true]");
  const element = h("div.one-field.side-by-side", named, field, sign);
  return {
    ...typedAnswer(field, need),
    element,
    mark(/** @type {Mark} */ { right }) {
      element.dataset.mark = right ? "right" : "wrong";
    },
    clear() {
      delete element.dataset.mark;
    },
  };
}

/** @type {Kind<Schemas["ShapeQuestion"]>} */
export function shape(_, { name, onChange }) {
  const control = oneField(TEXT.lesson.shape, TEXT.lesson.typeShape, {
    ...{ class: "shape-field", id: name, placeholder: "( … )", oninput: onChange },
  });
  const fill = (/** @type {Answer} */ answer) =>
    control.fill(Array.isArray(answer) ? tuple(answer) : answer);
  return { ...control, fill };
}

/** @type {OnPaper<Schemas["ShapeQuestion"]>} */
export const shapeOnPaper = () => ({
  room: h("p", TEXT.sheet.shape),
  attempt: [1],
  solution: (answer) => h("p", tuple([answer].flat())),
});
