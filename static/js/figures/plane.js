/**
 * The plane of the data as shapes: regions or a surface, the border between two classes or the
 * fitted curve, points, those on the wrong side, a cross-hair. The figure of the data, two runs
 * beside each other, drawn points and moving pictures show these.
 *
 * Points have standardised coordinates, as the network sees them. Classes differ in colour and in
 * symbol; points of the test part are hollow.
 */
import { bitmap, colourTable } from "./bitmap.js";
import { mix, paleScale, signedScale } from "./colour.js";

/**
 * @typedef {(x: number, y: number) => [number, number]} At a place of the data in a drawing
 * @typedef {Extract<Shape, {kind: "point"}>} PointShape
 * @typedef {{part: DataPart, rows: number[], symbol: number, shapes: PointShape[]}} PointGroup the
 *   points of a class and of a part
 */

const MOST_POINTS = 1200;
const RADIUS = 3.5; // of a point of the training part

/** Evenly chosen positions of at most MOST_POINTS points. @param {number} n */
export function drawn(n) {
  const stride = Math.max(1, Math.ceil(n / MOST_POINTS));
  return Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
}

/**
 * What the axes are, and where a point is on them.
 * @param {Data} data @param {Boundary} boundary
 * @returns {{features: number[], ranges: number[][], place: (part: DataPart, row: number) =>
 *   [number, number]}} features: one where the other axis is the target
 */
export function planeOf(data, boundary) {
  const limits = (/** @type {Tensor} */ axis) => [axis.data[0], axis.data[axis.data.length - 1]];
  if (boundary.kind === "curve")
    return {
      features: [0],
      ranges: [limits(boundary.x), around(data)],
      place: (part, row) => [part.x[row][0], part.target[row]],
    };
  const [i, j] = boundary.axes;
  return {
    features: boundary.axes,
    ranges: [limits(boundary.x), limits(boundary.y)],
    place: (part, row) => [part.x[row][i], part.x[row][j]],
  };
}

/** The targets and a margin, whatever the curve does. @param {Data} data */
function around(data) {
  const targets = [...data.train.target, ...data.test.target];
  const [low, high] = [Math.min(...targets), Math.max(...targets)];
  const margin = 0.15 * (high - low || 1);
  return [low - margin, high + margin];
}

/**
 * Into a box, to the right and upwards.
 * @param {{x: number, y: number, w: number, h: number}} box @param {number[][]} ranges of the axes
 * @returns {At}
 */
export const into =
  ({ x, y, w, h }, [[left, right], [low, high]]) =>
  (u, v) => [x + (w * (u - left)) / (right - left), y + h * (1 - (v - low) / (high - low))];

/**
 * All of it but what a drawing adds.
 * @param {Data} data @param {Boundary} boundary @param {Palette} palette
 * @param {{x: number, y: number, w: number, h: number}} box @param {number} [radius] of a point
 */
export function planeShapes(data, boundary, palette, box, radius) {
  const at = into(box, planeOf(data, boundary).ranges);
  return [
    ...(boundary.kind === "curve" ? [] : [regionShape(data, boundary, palette, at)]),
    lineShape(boundary, palette, at),
    ...pointGroups(data, boundary, palette, at, radius).flatMap(({ shapes }) => shapes),
  ];
}

/**
 * The decision regions or the surface as a picture under the points.
 * @param {Data} data @param {ClassRegions | Surface} boundary @param {Palette} palette
 * @param {At} at
 * @returns {Extract<Shape, {kind: "image"}>} h < 0 where the axis of the drawing goes upwards
 */
export function regionShape(data, boundary, palette, at) {
  const [columns, rows] = [boundary.x.data.length, boundary.y.data.length];
  const [[left, right], [low, high]] = planeOf(data, boundary).ranges;
  // the outermost values lie on the edge of the figure: half a cell is outside
  const [dx, dy] = [(right - left) / (columns - 1), (high - low) / (rows - 1)];
  const [[x, y], [end, bottom]] = [
    at(left - dx / 2, high + dy / 2),
    at(right + dx / 2, low - dy / 2),
  ];
  const source = regionSource(data, boundary, palette);
  return { kind: "image", x, y, w: end - x, h: bottom - y, source };
}

/** @param {Data} data @param {ClassRegions | Surface} boundary @param {Palette} palette */
export function regionSource(data, boundary, palette) {
  const columns = boundary.x.data.length;
  const colour = cellColour(data, boundary, palette);
  return bitmap(columns, boundary.y.data.length, (i, j) => colour(j * columns + i));
}

/**
 * The colour of each cell of the regions or the surface.
 * @param {Data} data @param {ClassRegions | Surface} boundary @param {Palette} palette
 * @returns {(cell: number) => [number, number, number]}
 */
function cellColour(data, boundary, palette) {
  const { data: values } = boundary.z;
  if (boundary.kind === "classes") {
    const colours = data.classes.map((_, k) => scaled(confidenceScale(palette, k), [0, 1], 64));
    const confidence = boundary.confidence?.data;
    return (cell) => colours[values[cell]](confidence?.[cell] ?? 0.7);
  }
  const colour =
    boundary.kind === "binary"
      ? scaled(paleScale(palette), [0, 1])
      : scaled(signedScale(palette), targetSpan(data));
  return (cell) => colour(values[cell]);
}

/**
 * The colour of a value, the nearest one outside of the range.
 * @param {ColourScale} scale @param {number[]} range @param {number} [size] of its table
 */
function scaled(scale, [low, high], size = 256) {
  const table = colourTable(scale, size);
  return (/** @type {number} */ value) =>
    table[Math.round((size - 1) * Math.max(0, Math.min(1, (value - low) / (high - low)))) || 0];
}

/**
 * Paler where the network is less sure.
 * @param {Palette} palette @param {number} k class
 * @returns {ColourScale}
 */
function confidenceScale(palette, k) {
  const colour = palette.classes[k % palette.classes.length];
  return [
    [0, mix(palette.paper, colour, 0.02)],
    [0.3, mix(palette.paper, colour, 0.06)],
    [1, mix(palette.paper, colour, 0.48)],
  ];
}

/** Range of the colours of targets: symmetric around 0. @param {Data} data */
export const targetSpan = (data) => {
  const size = Math.max(...data.train.target.map(Math.abs), 1e-9);
  return [-size, size];
};

/**
 * The points of the fitted curve, without values that an SVG path cannot hold: they are far outside
 * the figure.
 * @param {FittedCurve} boundary
 * @returns {{x: number[], y: (number | null)[]}}
 */
export const curveOf = ({ x, z }) => ({
  x: [...x.data],
  y: Array.from(z.data, (value) =>
    Number.isFinite(value) ? Math.max(-1e4, Math.min(1e4, value)) : null,
  ),
});

/**
 * The fitted curve, or the border between two classes; nothing between several.
 * @param {Boundary} boundary @param {Palette} palette @param {At} at
 * @returns {Extract<Shape, {kind: "path"}>}
 */
export function lineShape(boundary, palette, at) {
  const written = (/** @type {[number, number]} */ place) =>
    place.map((each) => each.toFixed(1)).join(" ");
  const curve = boundary.kind === "curve" && curveOf(boundary);
  const points = curve
    ? curve.x.flatMap((x, k) => (curve.y[k] === null ? [] : [written(at(x, curve.y[k]))]))
    : [];
  const d = curve
    ? `M${points.join("L")}`
    : boundary.kind === "binary"
      ? borderPath(boundary, (x, y) => written(at(x, y)))
      : "";
  return {
    ...{ kind: "path", d, fill: "none", width: 2.4, style: "border" },
    stroke: curve ? palette.phases.forward : palette.ink,
  };
}

/**
 * Where the output of a grid passes the middle: marching squares.
 * @param {Surface} boundary @param {(x: number, y: number) => string} written a place
 */
function borderPath({ x: { data: x }, y: { data: y }, z: { data: z } }, written) {
  const [columns, level] = [x.length, 0.5];
  let d = "";
  /** Where the level is passed between two points. @param {number[]} p @param {number[]} q */
  const between = ([c0, r0], [c1, r1]) => {
    const [a, b] = [z[r0 * columns + c0], z[r1 * columns + c1]];
    const part = (level - a) / (b - a);
    return written(x[c0] + part * (x[c1] - x[c0]), y[r0] + part * (y[r1] - y[r0]));
  };
  for (let r = 0; r + 1 < y.length; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [
        [c, r],
        [c + 1, r],
        [c + 1, r + 1],
        [c, r + 1],
      ];
      const above = corners.map(([i, j]) => z[j * columns + i] > level);
      const crossed = corners.flatMap((corner, k) =>
        above[k] === above[(k + 1) % 4] ? [] : [between(corner, corners[(k + 1) % 4])],
      );
      for (let k = 0; k + 1 < crossed.length; k += 2) d += `M${crossed[k]}L${crossed[k + 1]}`;
    }
  return d;
}

/**
 * The points, the test part over the training part.
 * @param {Data} data @param {Boundary} boundary @param {Palette} palette @param {At} at
 * @param {number} [radius] of a point of the training part
 * @returns {PointGroup[]}
 */
export function pointGroups(data, boundary, palette, at, radius = RADIUS) {
  const { place } = planeOf(data, boundary);
  const classed = data.task === "classification";
  const ofTarget = scaled(signedScale(palette), targetSpan(data));
  /** @param {boolean} train @param {number} target */
  const look = (train, target) => {
    const colour = palette.classes[target % palette.classes.length];
    if (classed && train) return { fill: colour, stroke: palette.paper, width: 0.8 };
    if (classed) return { fill: palette.paper, stroke: colour, width: 1.4 };
    const fill = `rgb(${ofTarget(target)})`;
    return train
      ? { fill, stroke: palette.strongRule, width: 0.6 }
      : { fill, stroke: palette.ink, width: 1.3 };
  };
  return [data.train, data.test].flatMap((part) => {
    const train = part === data.train;
    const all = drawn(part.x.length);
    const size = train ? { r: radius } : { r: (6 / 7) * radius, alpha: 0.75 };
    const groups = classed
      ? data.classes.map((_, k) => all.filter((row) => part.target[row] === k))
      : [all];
    return groups.map((rows, symbol) => ({
      ...{ part, rows, symbol },
      shapes: rows.map((row) => {
        const [x, y] = at(...place(part, row));
        return { kind: "point", x, y, symbol, ...size, ...look(train, part.target[row]) };
      }),
    }));
  });
}

/**
 * The output between the points of the grid, of several classes the class.
 * @param {ClassRegions | Surface} boundary @param {number} x0 @param {number} y0
 */
export function outputAt({ x, y, z, kind }, x0, y0) {
  const place = (/** @type {ArrayLike<number>} */ axis, /** @type {number} */ value) => {
    const last = axis.length - 1;
    return Math.max(0, Math.min(last - 0.001, ((value - axis[0]) / (axis[last] - axis[0])) * last));
  };
  const [c, r] = [place(x.data, x0), place(y.data, y0)];
  const columns = x.data.length;
  if (kind === "classes") return z.data[Math.round(r) * columns + Math.round(c)];
  const [i, j] = [Math.floor(c), Math.floor(r)];
  const row = (/** @type {number} */ k) =>
    z.data[k * columns + i] * (1 - c + i) + z.data[k * columns + i + 1] * (c - i);
  return row(j) * (1 - r + j) + row(j + 1) * (r - j);
}

/** The class of an output. @param {Boundary["kind"]} kind @param {number} output */
export const classOf = (kind, output) => (kind === "binary" ? Number(output > 0.5) : output);

/**
 * Where points of another class than the network says are.
 * @param {Data} data @param {Boundary} boundary
 * @returns {[number, number][]}
 */
export function wrongPlaces(data, boundary) {
  if (data.task !== "classification" || boundary.kind === "curve") return [];
  const { place } = planeOf(data, boundary);
  return [data.train, data.test].flatMap((part) =>
    part.target.flatMap((target, row) => {
      const [x, y] = place(part, row);
      return classOf(boundary.kind, outputAt(boundary, x, y)) === target ? [] : [[x, y]];
    }),
  );
}

/**
 * Rings around points on the wrong side.
 * @param {[number, number][]} places @param {At} at @param {number} radius of a point
 * @returns {Shape[]}
 */
export const wrongShapes = (places, at, radius) =>
  places.map((place) => {
    const [x, y] = at(...place);
    return { kind: "circle", x, y, r: 2 * radius, fill: "none", width: 2, style: "wrong-point" };
  });

/**
 * A cross-hair through a box.
 * @param {{x: number, y: number}} place in it @param {{x: number, y: number, w: number, h:
 *   number}} box @param {number} width of its lines
 * @returns {Shape[]}
 */
export const crossHair = ({ x, y }, box, width) =>
  [
    { x1: box.x, y1: y, x2: box.x + box.w, y2: y },
    { x1: x, y1: box.y, x2: x, y2: box.y + box.h },
  ].map((ends) => ({ kind: "line", ...ends, width, style: "cross-hair" }));
