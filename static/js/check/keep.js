/**
 * Typed text outlives a reload (sessionStorage), and is in the address when it is short enough for
 * a link. An address of the explorer's kind, `dataset.name=moons&…`, is an experiment to take the
 * givens from.
 */
import { isObject } from "../core/leaves.js";
import { keptJson, keep as store, kept as stored } from "../core/storage.js";
import { cleanPenalty } from "./penalty.js";

const KEY = "backprop-explorer.check";
const MARKED = "backprop-explorer.check.marked"; // what was marked last in this tab
const LONGEST = 3000; // characters of an address that programs pass on whole
/**
 * The course's one-layer example with one mistake: ∂C/∂z was multiplied by a instead of f'(z).
 * Later lines follow from it. The givens have the digits that give the course's printed results.
 */

/** @type {Work} */
export const EXAMPLE = {
  text: `layers = [(array([[ 0.5, -0.3],
                  [ 0.8,  0.2],
                  [-0.4,  0.6]]),
           array([1.4406276019, 1.3578517102, 0.0375935326]))]
x = array([0.0170620457, 0.985677301])
target = array([0.4131828317, 0.0895803974, 0.4486095497])

z1 = [1.15345543 1.56863681 0.62217509]
a1 = [0.7601415  0.82758919 0.65071308]
dC_da1 = [0.23130578 0.49200586 0.13473569]
dC_dz1 = [0.17582512 0.40717873 0.08767427]
dC_dW1 = [[0.00299994 0.17330683]
 [0.0069473  0.40134683]
 [0.0014959  0.08641854]]
dC_db1 = [0.17582512 0.40717873 0.08767427]`,
  activations: [],
  convention: "",
  cost: "",
  reduction: "",
  rate: "",
  penalty: null,
  readAs: {},
  from: "",
};
/** @type {Work} */
export const EMPTY = { ...EXAMPLE, text: "" };
const FIELDS = /** @type {(keyof Work)[]} */ (Object.keys(EXAMPLE));

/** Only fields of the right kind. @param {unknown} raw @returns {Partial<Work> | null} */
function clean(raw) {
  /** @type {Record<string, unknown>} */
  const kept = {};
  if (!isObject(raw)) return null;
  // links of the page with two fields
  const halves = [raw.givens, raw.submitted].filter((part) => typeof part === "string");
  if (halves.length) kept.text = halves.join("\n\n");
  for (const name of FIELDS) {
    const value = raw[name];
    if (name === "readAs") {
      const pairs = Object.entries(value ?? {}).filter(
        ([place, line]) => /^\d+$/.test(place) && (line === null || typeof line === "string"),
      );
      if (pairs.length) kept.readAs = Object.fromEntries(pairs);
    } else if (name === "penalty") {
      const penalty = cleanPenalty(value);
      if (penalty) kept.penalty = penalty;
    } else if (
      name === "activations"
        ? Array.isArray(value) && value.length <= 256 && value.every((v) => typeof v === "string")
        : typeof value === "string"
    )
      kept[name] = value;
  }
  return Object.keys(kept).length ? kept : null;
}

/** @returns {{work: Partial<Work> | null, experiment: string | null}} */
export function remembered() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("work=")) {
    try {
      return { work: clean(JSON.parse(decodeURIComponent(hash.slice(5)))), experiment: null };
    } catch {
      return { work: null, experiment: null }; // a mangled link
    }
  }
  return {
    work: clean(keptJson(KEY, "sessionStorage")),
    experiment: /(^|&)[\w.]+=/.test(hash) ? hash : null,
  };
}

const asText = (/** @type {Work} */ work) =>
  JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, work[name]])));

/** The marks of this work are on the page. @param {Work} work */
export const keepMarked = (work) => store(MARKED, asText(work), "sessionStorage");

/** Whether this very work was marked when the page was left. @param {Work} work */
export const wasMarked = (work) => stored(MARKED, "sessionStorage") === asText(work);

/**
 * @param {Work} work
 * @param {boolean} untouched the page is as it opens: the address has nothing after its path
 */
export function keep(work, untouched) {
  const text = asText(work);
  store(KEY, text, "sessionStorage");
  const hash = `work=${encodeURIComponent(text)}`;
  history.replaceState(
    null,
    "",
    untouched || hash.length > LONGEST ? location.pathname : `#${hash}`,
  );
}
