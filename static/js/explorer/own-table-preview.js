/** The first rows of a table, and above each column what it is for. */

import { featuresWith } from "../core/table-roles.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";

/**
 * @param {TableHead} head @param {TableChoices} choices
 * @param {(changed: TableChoices) => void} choose
 * @param {{row: number, name: string | undefined, leftOut: number[]}} chosen row and name: the cell
 *   that the server refused; leftOut: numbers of rows
 */
export function tablePreview(head, choices, choose, chosen) {
  const { columns, preview, preview_rows: numbers } = head;
  const roles = columns.map(({ role }) => role);
  // several targets are shown, but only one can be chosen
  const kind = roles.filter((role) => role === "target").length > 1 ? "checkbox" : "radio";
  const leftOut = new Set(chosen.leftOut);
  const classOf = (/** @type {number} */ k) => (roles[k] === "left out" ? "left-out" : null);
  const learn = (/** @type {string} */ name) =>
    choose({
      target: name,
      task: null,
      features: choices.features?.filter((feature) => feature !== name) ?? null,
    });
  /** @param {(column: TableHead["columns"][number], k: number) => HTMLElement | null} build */
  const cells = (build) =>
    columns.map((column, k) => h("td", { class: classOf(k) }, build(column, k)));
  const targets = cells(({ name }, k) =>
    h("input[name=own-target]", {
      type: kind,
      "data-role": `target-${k}`,
      "aria-label": TEXT.ownTable.learnColumn(name),
      checked: roles[k] === "target",
      onchange: () => learn(name),
    }),
  );
  const features = cells(({ name, kind: content }, k) => {
    if (roles[k] === "target") return null;
    // not the element made here: `patch` may give the listener to the one before it
    const onchange = (/** @type {Event & {target: HTMLInputElement}} */ { target }) =>
      choose({ features: featuresWith(columns, name, target.checked) });
    return h("input[type=checkbox]", {
      "data-role": `feature-${k}`,
      "aria-label": TEXT.ownTable.fromColumn(name),
      checked: roles[k] === "feature",
      disabled: content === "text" && roles[k] !== "feature",
      title: content === "text" ? TEXT.ownTable.wordsCannotBeLearned : null,
      onchange,
    });
  });
  /** @param {number} number @param {string} name @param {number} k */
  const cellClass = (number, name, k) => {
    if (number === chosen.row && name === chosen.name) return "bad";
    return leftOut.has(number) ? "left-out" : classOf(k);
  };
  return h(
    "table",
    h("caption.visually-hidden", TEXT.ownTable.rowsAndColumns),
    h(
      "thead",
      h(
        "tr",
        h("td"),
        columns.map(({ name }, k) => h("th[scope=col]", { class: classOf(k), title: name }, name)),
      ),
    ),
    h(
      "tbody",
      h("tr.roles", h("th[scope=row]", TEXT.ownTable.learn), targets),
      h("tr.roles", h("th[scope=row]", TEXT.ownTable.from), features),
      preview.map((row, r) =>
        h(
          "tr",
          h("th[scope=row]", String(numbers[r])),
          columns.map(({ name }, k) =>
            h("td", { class: cellClass(numbers[r], name, k), title: row[k] }, row[k]),
          ),
        ),
      ),
    ),
  );
}
