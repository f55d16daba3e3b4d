import assert from "node:assert/strict";
import test from "node:test";
import { cellOf, indexFrom, moveFocus } from "../../../static/js/explorer/cells.js";

/** A table of cells; a null is a cell that stands for folded ones. */
function table(...rows) {
  const section = { rows: [] };
  let focused = null;
  rows.forEach((indices, sectionRowIndex) => {
    const row = { sectionRowIndex, parentElement: section, cells: [] };
    row.cells = indices.map((index, cellIndex) => {
      const cell = { cellIndex, parentElement: row, tabIndex: -1, dataset: {} };
      if (index) cell.dataset.index = index;
      cell.focus = () => {
        focused = cell;
      };
      return cell;
    });
    section.rows.push(row);
  });
  const at = (row, column) => section.rows[row].cells[column];
  return { at, focused: () => focused };
}

test("an index is read from an element", () => {
  const element = (index) => ({ getAttribute: () => index });
  assert.deepEqual(indexFrom(element("2,0")), [2, 0]);
  assert.deepEqual(indexFrom(element("")), []);
  assert.deepEqual(indexFrom(element(null)), []);
});

test("an event outside of an element has no cell", (context) => {
  const before = globalThis.Element;
  context.after(() => {
    globalThis.Element = before;
  });
  globalThis.Element = class {
    closest = (selector) => `nearest ${selector}`;
  };
  assert.equal(cellOf({ target: null }), null);
  assert.equal(cellOf({ target: new Element() }), "nearest td[data-index]");
});

test("arrows move the focus, and the place in the tab order with it", () => {
  const { at, focused } = table(["0,0", "0,1"], ["1,0", "1,1"]);
  at(0, 0).tabIndex = 0;
  assert.equal(moveFocus(at(0, 0), "ArrowRight"), true);
  assert.equal(focused(), at(0, 1));
  assert.deepEqual([at(0, 0).tabIndex, at(0, 1).tabIndex], [-1, 0]);
  moveFocus(at(0, 1), "ArrowDown");
  assert.equal(focused(), at(1, 1));
});

test("folded cells are skipped, and the border holds", () => {
  const { at, focused } = table(["0,0", null, "0,9"]);
  moveFocus(at(0, 0), "ArrowRight");
  assert.equal(focused(), at(0, 2));
  assert.equal(moveFocus(at(0, 2), "ArrowRight"), true);
  assert.equal(moveFocus(at(0, 2), "ArrowUp"), true);
  assert.equal(focused(), at(0, 2));
});

test("other keys are not taken", () => {
  const { at, focused } = table(["0,0", "0,1"]);
  assert.equal(moveFocus(at(0, 0), "Enter"), false);
  assert.equal(focused(), null);
});
