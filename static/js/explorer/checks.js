/**
 * Whether the numbers are right: what autograd and finite differences say of a gradient line.
 * Nothing is claimed that was not computed.
 */

import { tiny } from "../core/format.js";
import { h } from "../ui/dom.js";

/** @type {{key: "autograd" | "finite_differences", name: string, title: string}[]} */
const ORACLES = [
  {
    key: "autograd",
    name: "autograd",
    title:
      "An independent program (autograd) differentiated its own forward pass. Relative error of this array.",
  },
  {
    key: "finite_differences",
    name: "finite differences",
    title:
      "Central differences of the cost, nudging one number at a time. Relative error of this array.",
  },
];

/**
 * @param {import("../core/wire.js").GradientCheck} oracle
 * @param {number | string | null} error of this line, or a word
 */
function verdict(oracle, error) {
  if (typeof error === "string" || error === null)
    return { text: "below their resolution", state: "open" };
  const passed = error <= oracle.tolerance;
  return { text: `${passed ? "✓" : "✗"} ${tiny(error)}`, state: passed ? "passed" : "failed" };
}

/**
 * @param {import("../core/wire.js").Line} line
 * @param {import("../core/wire.js").Verification | null} verification null while playing
 * @returns {HTMLElement[]}
 */
export function checks(line, verification) {
  if (!verification) return [h("span", { class: "check open" }, "checked when paused")];
  const known = ORACLES.filter(({ key }) => verification[key]);
  const own = known.filter(({ key }) => verification[key].by_line?.[line.id] !== undefined);
  /** @type {HTMLElement[]} */
  const out = [];
  if (own.length) {
    own.forEach(({ key, name, title }, k) => {
      const { text, state } = verdict(verification[key], verification[key].by_line[line.id]);
      if (k) out.push(h("span", { class: "dot" }, " · "));
      out.push(h("span", { class: `check ${state}`, title }, `= ${name} ${text}`));
    });
    return out;
  }
  // A forward line has no derivative to compare; say what the whole step's gradients gave.
  out.push(h("span", { class: "dot" }, "gradients: "));
  known.forEach(({ key, name, title }, k) => {
    const oracle = verification[key];
    if (k) out.push(h("span", { class: "dot" }, " · "));
    const worst = oracle.max_relative_error;
    const text =
      worst === null || worst === undefined
        ? "below their resolution"
        : `${oracle.passed ? "✓" : "✗"} ${tiny(worst)}`;
    out.push(
      h(
        "span",
        {
          class: `check ${oracle.passed ? "passed" : "failed"}`,
          title: title.replace("this array", "the worst array"),
        },
        `${name} ${text}`,
      ),
    );
  });
  return out;
}
