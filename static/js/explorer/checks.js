/**
 * Whether the numbers are right: what autograd and finite differences say of a gradient line.
 * Nothing is claimed that was not computed.
 */

import { tiny } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { worded } from "./words.js";

/** @type {{key: "autograd" | "finite_differences", name: string, title: string}[]} */
const ORACLES = [
  { key: "autograd", name: "autograd", title: TEXT.checks.autogradTitle },
  {
    key: "finite_differences",
    name: TEXT.checks.finiteDifferences,
    title: TEXT.checks.finiteDifferencesTitle,
  },
];

/**
 * @param {string} text @param {number | string | null | undefined} error of a line, or a word
 * @param {boolean | null} passed @param {string} title
 */
const verdict = (text, error, passed, title) =>
  typeof error !== "number"
    ? h(
        "span.check.open",
        { title },
        `${text} ${error === "tie" ? TEXT.checks.tie : TEXT.checks.belowResolution}`,
      )
    : h("span", { class: `check ${passed ? "passed" : "failed"}`, title }, [
        worded(text),
        ` ${passed ? "✓" : "✗"} ${tiny(error)}`,
      ]);

/**
 * @param {Line} line @param {Schemas["Verification"] | null | undefined} verification null
 *   while playing, undefined while it is computed
 * @returns {HTMLElement[]}
 */
export function checks(line, verification) {
  if (verification === undefined && line.axes_of)
    return [h("span.check.open", TEXT.checks.checking)];
  if (!verification) return [h("span.check.open", TEXT.checks.checkedWhenPaused)];
  const known = ORACLES.filter(({ key }) => verification[key]);
  const checked = known.filter(({ key }) => verification[key].by_line?.[line.id] !== undefined);
  const verdicts = checked.length
    ? checked.map(({ key, name, title }) => {
        const { by_line: errors, tolerance } = verification[key];
        const error = errors[line.id];
        return verdict(`= ${name}`, error, Number(error) <= tolerance, title);
      })
    : known.map(({ key, name, title }) => {
        const { max_relative_error: worst, passed } = verification[key];
        const about = title.replace(TEXT.checks.thisArray, TEXT.checks.worstArray);
        return verdict(name, worst, passed, about);
      });
  return [
    // A forward line has no derivative to compare; say what the whole step's gradients gave.
    ...(checked.length ? [] : [h("span.dot", TEXT.checks.gradients)]),
    ...verdicts.flatMap((each, k) => (k ? [h("span.dot", " · "), each] : [each])),
  ];
}
