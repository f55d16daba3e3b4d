/**
 * A parameter, an input or a target held at another number: what network, working, responses and
 * cost are there. All of it is computed on the page, so that it follows a finger.
 */
import { activationsOf, computed, costsOf, joined } from "./dense.js";
import { endsOf } from "./elements.js";
import { flat } from "./lines.js";
import { replay, reworked } from "./replay.js";
import { variable } from "./trace.js";

/** @typedef {import("./dense.js").Computed} Computed */
/**
 * @typedef {{was: number, at: (value: number) => {trace: Trace, frame: Frame}, all: ((value:
 *   number) => number) | null, one: (value: number) => number, layer: number | null,
 *   unit: number | null}} Held
 *   all: cost of all training samples; one: of those of the working; unit: that a weight or bias
 *   belongs to, with its layer from 1
 */

const MOST_TERMS = 4e6; // of a whole working
const MOST_KNOWN = 200;
const ROUNDING = 1e-6; // of the numbers that the server sends for pictures

/**
 * @param {{trace: Trace, frame: Frame, data: Data}} shown
 * @param {string} id of a given of the working @param {number[]} index
 * @returns {Held | null} null: the page cannot compute it
 */
export function heldOf({ trace, frame, data }, id, index) {
  const array = variable(trace, id);
  const rework = reworked(trace, [id], MOST_TERMS);
  const cost = replay(trace, [id], MOST_TERMS);
  if (!array || array.left_out || !rework || !cost) return null;
  const numbers = Float64Array.from(flat(array.value));
  const place = array.shape.reduce((at, size, axis) => at * size + index[axis], 0);
  const changed = (/** @type {number} */ value) => ({ [id]: numbers.with(place, value) });
  const one = remembered((value) => cost(changed(value)));
  const was = numbers[place];
  const layer = ["W", "b"].includes(array.quantity) ? array.layer : null;
  const ends = layer && array.quantity === "W" ? endsOf(array, index) : null;
  const unit = layer ? (ends?.to ?? index[index.length - 1]) : null;
  const network = layer === null || unit === null ? null : inNetwork(layer - 1, unit);

  /** @param {number} k layer from 0 @param {number} unit */
  function inNetwork(k, unit) {
    const { layers } = frame;
    const activations = activationsOf(trace, layers.length);
    if (!activations) return null;
    const name = ends ? "W" : "b";
    const entry = ends ? ends.from * layers[k].units + unit : unit;
    /** @param {number} value @returns {Layer[]} */
    const layersAt = (value) =>
      layers.with(k, {
        ...layers[k],
        [name]: {
          ...layers[k][name],
          data: Float64Array.from(layers[k][name].data).with(entry, value),
        },
      });
    /** The layers at the points, with as little as possible computed again. */
    const over = (/** @type {Float64Array} */ points) => {
      const before = computed(activations, layers, points);
      return (/** @type {Layer[]} */ now) =>
        computed(activations, now, points, { layer: k, unit, before });
    };
    const points = gridOf(frame, data);
    const mapped = layers.some(({ map }) => map);
    return {
      layersAt,
      samples: over(joined(data.train.x)),
      border: points && frame.boundary ? over(points(frame.boundary.x.data.length)) : null,
      responses: points && mapped ? over(points(Math.sqrt(responseSize(layers)))) : null,
    };
  }

  /** @param {number} value @returns {Frame} */
  function frameAt(value) {
    if (!network) return frame;
    const { layersAt, border, responses } = network;
    const now = layersAt(value);
    const units = responses?.(now);
    const layers = units
      ? now.map((old, k) => ({ ...old, map: responseOf(old, units[k].a) }))
      : now;
    const last = border?.(now).at(-1);
    const boundary = last && frame.boundary && boundaryOf(frame.boundary, last.a, data);
    return { ...frame, layers, boundary: boundary ?? frame.boundary };
  }
  // what the server has drawn otherwise, as over targets of another scale, stays as it is
  const same = frameAt(was).boundary;
  if (network && same && frame.boundary && !alike(same.z.data, frame.boundary.z.data))
    network.border = null;

  const sum = network && costsOf(trace, data, frame.layers.length);
  const last = (/** @type {number} */ value) =>
    /** @type {Computed} */ (network?.samples(network.layersAt(value)).at(-1));
  const total = sum ? sum(last(was)) : 0;
  const line = trace.lines.find((each) => each.inputs.includes("target"));
  // what is added to the cost of the samples depends on the parameters alone
  const apart = line && costOfLine(trace, id, line);
  const extra = (/** @type {number} */ value) => (apart ? one(value) - apart(changed(value)) : 0);
  const factor = (Number(frame.cost.train) - extra(was)) / total;
  return {
    ...{ was, one, layer, unit },
    at: (value) => ({ trace: rework(changed(value)), frame: frameAt(value) }),
    all: sum && total ? remembered((value) => factor * sum(last(value)) + extra(value)) : null,
  };
}

/**
 * Several drawings of a frame ask for the cost at the same places.
 * @param {(value: number) => number} f @returns {(value: number) => number}
 */
function remembered(f) {
  /** @type {Map<number, number>} */
  const known = new Map();
  return (value) => {
    const result = known.get(value) ?? f(value);
    if (known.size > MOST_KNOWN) known.clear();
    known.set(value, result);
    return result;
  };
}

/**
 * The cost of the samples alone, where the working adds a penalty to it.
 * @param {Trace} trace @param {string} id @param {Line} line
 */
const costOfLine = (trace, id, line) =>
  trace.lines.some(
    ({ phase, shape, id: other }) => phase === "cost" && !shape.length && other !== line.id,
  )
    ? replay(
        { ...trace, lines: trace.lines.slice(0, trace.lines.indexOf(line) + 1) },
        [id],
        MOST_TERMS,
      )
    : null;

const responseSize = (/** @type {Layer[]} */ layers) =>
  layers.flatMap(({ map }) => (map ? [map.shape[1] * map.shape[2]] : []))[0];

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
const alike = (a, b) =>
  a.length === b.length &&
  Array.from(a).every((value, k) => Math.abs(value - b[k]) <= ROUNDING * (1 + Math.abs(value)));

/**
 * The points of a grid over the plane of the figure, rows from below; over one feature, its places.
 * Other features are at their mean.
 * @param {Frame} frame @param {Data} data
 * @returns {((side: number) => Float64Array) | null}
 */
function gridOf({ boundary }, { train }) {
  if (!boundary) return null;
  const means = train.x[0].map(
    (_, k) => train.x.reduce((sum, row) => sum + row[k], 0) / train.x.length,
  );
  const { x, axes } = boundary;
  if (boundary.kind === "curve") return () => Float64Array.from(x.data);
  const { y } = boundary;
  return (side) => {
    const out = [];
    const at = (/** @type {ArrayLike<number>} */ axis, /** @type {number} */ k) =>
      axis[0] + ((axis[axis.length - 1] - axis[0]) * k) / (side - 1);
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++)
        out.push(means.with(axes[0], at(x.data, column)).with(axes[1], at(y.data, row)));
    return joined(out);
  };
}

/** @param {Float64Array} data @param {number[]} shape @returns {Tensor} */
const tensor = (data, shape) => ({
  data: /** @type {any} any: typed, as the wire's */ (data),
  shape,
});

/** @param {Layer} layer @param {Float64Array} a (points, units) @returns {Layer["map"]} */
function responseOf({ map, units }, a) {
  const count = a.length / units;
  const turned = a.map((_, k) => a[(k % count) * units + Math.floor(k / count)]);
  return map && tensor(turned, map.shape);
}

/**
 * @param {Boundary} boundary before @param {Float64Array} a (points, outputs) @param {Data} data
 * @returns {Boundary}
 */
function boundaryOf(boundary, a, { task }) {
  const { data, shape } = boundary.z;
  const outputs = a.length / data.length;
  /** @param {number} p @returns {number} class with the largest output */
  const best = (p) => {
    let k = 0;
    for (let j = 1; j < outputs; j++) if (a[p * outputs + j] > a[p * outputs + k]) k = j;
    return k;
  };
  const classes = outputs > 1 && task === "classification";
  const z = Float64Array.from(data, (_, p) => (classes ? best(p) : a[p * outputs]));
  if (boundary.kind !== "classes") return { ...boundary, z: tensor(z, shape) };
  const sure = Float64Array.from(z, (k, p) => a[p * outputs + k]);
  return { ...boundary, z: tensor(z, shape), confidence: tensor(sure, shape) };
}
