/**
 * Whether the numbers are right: what autograd and finite differences say of a gradient line.
 * Nothing is claimed that was not computed.
 */

import { tiny } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";

/** @type {{key: "autograd" | "finite_differences", name: string, title: string}[]} */
const ORACLES = [
  {
    key: "autograd",
    name: "autograd",
    title: TEXT.checks.autogradTitle,
  },
  {
    key: "finite_differences",
    name: TEXT.checks.finiteDifferences,
    title: TEXT.checks.finiteDifferencesTitle,
  },
];

/**
 * @param {Schemas["GradientCheck"]} oracle
 * @param {number | string | null} error of this line, or a word
 */
function verdict(oracle, error) {
  if (typeof error === "string" || error === null)
    return { text: TEXT.checks.belowResolution, state: "open" };
  const passed = error <= oracle.tolerance;
  return { text: `${passed ? "✓" : "✗"} ${tiny(error)}`, state: passed ? "passed" : "failed" };
}

/**
 * @param {Line} line
 * @param {Schemas["Verification"] | null} verification null while playing
 * @returns {HTMLElement[]}
 */
export function checks(line, verification) {
  if (!verification) return [h("span.check.open", TEXT.checks.checkedWhenPaused)];
  const known = ORACLES.filter(({ key }) => verification[key]);
  const own = known.filter(({ key }) => verification[key].by_line?.[line.id] !== undefined);
  /** @type {HTMLElement[]} */
  const out = [];
  if (own.length) {
    own.forEach(({ key, name, title }, k) => {
      const { text, state } = verdict(verification[key], verification[key].by_line[line.id]);
      if (k) out.push(h("span.dot", " · "));
      out.push(h("span", { class: `check ${state}`, title }, `= ${name} ${text}`));
    });
    return out;
  }
  // A forward line has no derivative to compare; say what the whole step's gradients gave.
  out.push(h("span.dot", TEXT.checks.gradients));
  known.forEach(({ key, name, title }, k) => {
    const oracle = verification[key];
    if (k) out.push(h("span.dot", " · "));
    const worst = oracle.max_relative_error;
    const text =
      worst === null || worst === undefined
        ? TEXT.checks.belowResolution
        : `${oracle.passed ? "✓" : "✗"} ${tiny(worst)}`;
    out.push(
      h(
        "span",
        {
          class: `check ${oracle.passed ? "passed" : "failed"}`,
          title: title.replace(TEXT.checks.thisArray, TEXT.checks.worstArray),
        },
        `${name} ${text}`,
      ),
    );
  });
  return out;
}
