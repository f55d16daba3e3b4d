/**
 * Arrays as the wire sends them: nested lists, or {dtype, bdata, shape} with base64 bytes.
 * Either way the page gets a flat typed array and a shape.
 */

/**
 * @typedef {{data: number[], shape: number[]}} Tensor `data` is a typed array where it came as
 *   base64
 */

/** @type {Record<string, any>} any: the constructors have no common type */
const TYPES = {
  f4: Float32Array,
  f8: Float64Array,
  i4: Int32Array,
  u4: Uint32Array,
  i2: Int16Array,
  u2: Uint16Array,
  i1: Int8Array,
  u1: Uint8Array,
};

/** @param {string} text base64 @returns {Uint8Array} */
export function bytes(text) {
  // newer browsers decode natively, several times as fast as atob and a loop
  const { fromBase64 } = /** @type {{fromBase64?: (text: string) => Uint8Array}} */ (Uint8Array);
  if (fromBase64) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i);
  return out;
}

/**
 * @param {Nested} value nested lists, or a typed array
 * @returns {Tensor | null} null stays null (a quantity that the layer does not have)
 */
export function tensor(value) {
  if (value === null || value === undefined) return null;
  if ("bdata" in Object(value)) {
    const Type = TYPES[value.dtype];
    if (!Type) throw new Error(`unknown dtype ${value.dtype}`);
    const raw = bytes(value.bdata);
    return {
      data: new Type(raw.buffer, raw.byteOffset, raw.byteLength / Type.BYTES_PER_ELEMENT),
      shape: dims(value),
    };
  }
  if (typeof value === "number") return { data: [value], shape: [] };
  if (!Array.isArray(value[0])) return { data: value.map(finite), shape: [value.length] };
  if (!Array.isArray(value[0][0]))
    return { data: value.flat().map(finite), shape: [value.length, value[0].length] };
  return {
    data: value.flat(2).map(finite),
    shape: [value.length, value[0].length, value[0][0].length],
  };
}

const finite = (/** @type {number | null} */ number) => (number === null ? NaN : number);

/**
 * The wire's shape is text as Plotly wants it ("48,48"), or left out for one dimension.
 * @param {{shape?: string | number[], bdata: string, dtype: string}} array
 */
function dims({ shape, bdata, dtype }) {
  if (Array.isArray(shape)) return shape;
  if (shape !== undefined && shape !== "") return String(shape).split(",").map(Number);
  const size = (bdata.length * 3) / 4 - (bdata.endsWith("==") ? 2 : bdata.endsWith("=") ? 1 : 0);
  return [size / TYPES[dtype].BYTES_PER_ELEMENT];
}

/** @param {Tensor} matrix @returns {number[][]} rows as views on the same numbers */
export function rows({ data, shape }) {
  const [n, width] = shape;
  const out = new Array(n);
  for (let i = 0; i < n; i++) out[i] = data.slice(i * width, (i + 1) * width);
  return out;
}

/**
 * A frame with its arrays unpacked. Small per-neuron lists are plain lists on the wire already.
 * @param {any} frame any: it changes from the wire's form to a Frame in place
 * @returns {Frame}
 */
export function unpackFrame(frame) {
  for (const layer of frame.layers ?? []) {
    for (const name of ["W", "b", "dC_dW", "dC_db"]) layer[name] = tensor(layer[name]);
    if (layer.map) layer.map = tensor(layer.map);
    for (const name of Object.keys(layer.neurons ?? {}))
      layer.neurons[name] = tensor(layer.neurons[name])?.data ?? null;
  }
  for (const name of ["input", "output"])
    if (frame[name] != null) frame[name] = tensor(frame[name])?.data;
  if (frame.boundary) {
    for (const name of ["x", "y", "z", "confidence"]) {
      if (frame.boundary[name] !== undefined) frame.boundary[name] = tensor(frame.boundary[name]);
    }
  }
  if (frame.curves)
    for (const name of Object.keys(frame.curves)) frame.curves[name] = tensor(frame.curves[name]);
  return frame;
}
