/** The control of a question about all lines: what NumPy printed, each line with its name. */
import { parse } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { pasteField, typedAnswer } from "../ui/fields.js";

/** @param {{lines: string[]}} question @param {{name: string, onChange: () => void}} context */
export function wholeWorking({ lines }, { name, onChange }) {
  const text = pasteField({
    ...{ id: `${name}-lines`, rows: "7" },
    placeholder: "z1 = [0.1 0.2]\na1 = [0.52 0.55]",
    oninput: onChange,
  });
  const label = h("label.field-label.soft.smaller", { for: text.id }, TEXT.student.paste);
  return {
    ...typedAnswer(text, TEXT.student.nothingNamed),
    element: h("div.values", label, text),
    /** @returns {Promise<{value: Record<string, Nested>} | {problem: string}>} */
    async read() {
      if (!text.value.trim()) return { problem: TEXT.student.nothingNamed };
      const { arrays, unread } = await parse(text.value);
      if (unread.length) return { problem: unread[0].message };
      /** @type {[string, Nested][]} */
      const named = arrays.flatMap(({ as, value }) =>
        as && lines.includes(as) ? [[as, value]] : [],
      );
      return named.length
        ? { value: Object.fromEntries(named) }
        : { problem: TEXT.student.nothingNamed };
    },
    fill(/** @type {Record<string, Nested>} */ answer) {
      text.value = Object.entries(answer)
        .map(([id, value]) => `${id} = ${JSON.stringify(value).replace(/,/g, ", ")}`)
        .join("\n");
    },
  };
}
