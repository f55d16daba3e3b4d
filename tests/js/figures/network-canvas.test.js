import assert from "node:assert/strict";
import test from "node:test";
import { geometry } from "../../../static/js/figures/geometry.js";
import { LEVELS } from "../../../static/js/figures/network.js";
import { drawEdges, edgeStyles } from "../../../static/js/figures/network-canvas.js";
import { PALETTE } from "../helpers/palette.js";

/** A context that only notes what is drawn: width and colour of each path, and its segments. */
function recorder() {
  const paths = [];
  let path = [];
  let from = null;
  return {
    paths,
    beginPath: () => {
      path = [];
    },
    moveTo: (...place) => {
      from = place;
    },
    lineTo: (...place) => path.push([...from, ...place]),
    stroke() {
      paths.push({ width: this.lineWidth, color: this.strokeStyle, segments: path });
    },
  };
}

test("a positive and a negative style for each level, wider and stronger with size", () => {
  const styles = edgeStyles(PALETTE);
  assert.equal(styles.length, 2 * LEVELS);
  for (const k of [0, LEVELS]) assert.ok(styles[k + LEVELS - 1].width > 3 * styles[k].width);
  assert.notEqual(styles[LEVELS - 1].color, styles[2 * LEVELS - 1].color);
});

test("each edge is drawn once, from neuron to neuron, strong ones last", () => {
  const places = geometry([2, 2], 400, 300);
  const context = recorder();
  const values = { layers: [], edges: [{ data: [1, -1, 0.1, 0] }] };
  drawEdges(context, values, places, PALETTE);
  assert.equal(context.paths.flatMap(({ segments }) => segments).length, 4);
  const widths = context.paths.map(({ width }) => width);
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => a - b),
  );
  const [first] = context.paths.at(-1).segments;
  const [from, to] = [places.center(0, 0), places.center(1, 0)];
  assert.deepEqual(first, [from.x, from.y, to.x, to.y]);
});
