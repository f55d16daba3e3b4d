/**
 * A line whose inputs that only a folded group has are written out: of "var = Σ[{0}]/4" and
 * "{0}²" and "{0} − {1}" it makes "Σ[({0} − {1})²]/4", with the names that the program has.
 */
import { at, parseSignature } from "./entries.js";
import { compile } from "./expression.js";
import { mathOf } from "./formula.js";
import { flat } from "./lines.js";
import { nameOf } from "./names.js";

const MOST_INPUTS = 6; // of a written-out line
const LONGEST = 140; // characters of its entry
const CHECKED = 30; // entries whose value is compared
const REFERENCE = /\{(\d+)(?::([a-z1]*))?\}/g;
const LETTERS = "ijklmnpqrstuvwxyzabcdefgho";

/** Whether the other form has other letters: a condition, or a maximum. @param {Line} line */
const isPlain = ({ entry, op }) =>
  !/ if |\[[a-z] = |^(max|min)\{/.test(entry) && !["where", "setitem"].includes(op);

/**
 * An expression in brackets, where what stands around it asks for them.
 * @param {string} inner @param {string} before @param {string} after
 */
function bracketed(inner, before, after) {
  if (/^(\{\d+(:\w*)?\}|[\d.]+|Σ\[[^[\]]*\])$/.test(inner)) return inner;
  const enclosed = /[([]\s*$/.test(before) && /^\s*[)\],]/.test(after);
  if (enclosed || (!before && !after)) return inner;
  let depth = 0;
  let added = false;
  let closed = 0; // where the first brackets end
  for (const [k, c] of [...inner].entries()) {
    if ("([{".includes(c)) depth += 1;
    else if (")]}".includes(c)) {
      depth -= 1;
      if (!depth) closed ||= k;
    } else if (!depth && (c === "+" || c === "−") && (k || /\S$/.test(before))) added = true;
  }
  // a function of one thing: √{0}, exp({0} − {1})
  const opens = /^(√|\p{L}+)[({]/u.test(inner) && closed === inner.length - 1;
  if (opens && (inner.includes("(") || !/^\s*[²^]/.test(after))) return inner;
  const sums = /(^|[+([,])\s*$/.test(before) && /^\s*([+−),\]]|$)/.test(after);
  const tight = /[√/]\s*$/.test(before) || /^\s*[²^]/.test(after);
  return (added && !sums) || tight ? `(${inner})` : inner;
}

/**
 * @param {Map<string, Line>} lines @param {Map<string, Given>} values lines and givens
 * @param {Line} line @param {(id: string) => boolean} isHidden
 * @returns {Line} the line itself where nothing can be written out
 */
export function fused(lines, values, line, isHidden) {
  if (!isPlain(line) || line.places) return line;
  let { entry } = line;
  const first = parseSignature(line.signature);
  const { output } = first;
  /** @type {{id: string, letters: string}[]} */
  let inputs = line.inputs.map((id, k) => ({ id, letters: first.inputs[k] ?? "" }));
  const axes = { ...line.axes_of };
  const kept = new Set();
  let ones = false; // ∂C/∂C is written out: a factor 1
  for (;;) {
    const k = inputs.findIndex(({ id }) => isHidden(id) && !kept.has(id) && lines.has(id));
    if (k < 0) break;
    const inner = /** @type {Line} */ (lines.get(inputs[k].id));
    ones ||= inner.op === "one";
    const joined = inner.places || !isPlain(inner) ? null : inlined(k, inner);
    if (joined && joined.inputs.length <= MOST_INPUTS && joined.entry.length <= LONGEST) {
      ({ entry, inputs } = joined);
      Object.assign(axes, joined.axes);
    } else kept.add(inner.id);
  }
  if (entry === line.entry) return line;
  entry = entry.replace(/·1(?=\/)/g, "");
  if (ones) entry = entry.replace(/(?<![\d.·])1·/g, "");

  /** Input `k` written out. @param {number} k @param {Line} inner */
  function inlined(k, inner) {
    const signature = parseSignature(inner.signature);
    const used = new Set([...output, ...inputs.map(({ letters }) => letters).join("")]);
    for (const [, , letters = ""] of entry.matchAll(REFERENCE))
      for (const c of letters) used.add(c);
    const next = inputs.map((each) => ({ ...each }));
    /** @type {Record<string, string>} */
    const named = {};
    /** @param {string} id @param {string} letters @returns {string} */
    const reference = (id, letters) => {
      let place = next.findIndex((each, m) => m !== k && each.id === id);
      if (place < 0) place = next.push({ id, letters }) - 1;
      return next[place].letters === letters ? `{${place}}` : `{${place}:${letters}}`;
    };
    let fits = true;
    const text = entry.replace(REFERENCE, (all, number, letters, offset) => {
      if (Number(number) !== k) return all;
      const outer = letters ?? inputs[k].letters;
      /** @type {Record<string, string>} */
      const letterOf = {};
      for (const [axis, c] of [...signature.output].entries()) letterOf[c] = outer[axis] ?? "1";
      const body = inner.entry.replace(REFERENCE, (_, m, written) => {
        const mapped = [...(written ?? signature.inputs[m] ?? "")].map((c) => {
          if (c === "1") return c;
          if (!(c in letterOf)) {
            letterOf[c] = [...LETTERS].find((free) => !used.has(free)) ?? "";
            used.add(letterOf[c]);
          }
          return letterOf[c];
        });
        return reference(inner.inputs[m], mapped.join(""));
      });
      for (const [c, mapped] of Object.entries(letterOf))
        if (inner.axes_of?.[c]) named[mapped] ??= inner.axes_of[c];
      const within =
        entry.slice(0, offset).lastIndexOf("Σ[") > entry.slice(0, offset).lastIndexOf("]");
      if (within && inner.entry.includes("Σ")) fits = false; // written out it would be long
      return bracketed(body, entry.slice(0, offset), entry.slice(offset + all.length));
    });
    if (!fits) return null;
    // the input itself is gone: later ones move up
    const left = next.filter((_, m) => m !== k);
    const moved = text.replace(REFERENCE, (_, m, letters) => {
      const place = Number(m) > k ? Number(m) - 1 : Number(m);
      return letters === undefined ? `{${place}}` : `{${place}:${letters}}`;
    });
    return { entry: moved, inputs: left, axes: named };
  }

  const result = {
    ...line,
    ...{ entry, inputs: inputs.map(({ id }) => id), axes_of: { ...axes, ...line.axes_of } },
    signature: `${inputs.map(({ letters }) => letters).join()}->${output}`,
    terms: inputs.map(({ id }) => nameOf({ label: values.get(id)?.label ?? "" })),
  };
  if (!isRight(result, values)) return line;
  const formula = mathOf(result, values);
  return { ...result, formula: formula ?? line.formula };
}

/** Whether the expression gives the line's numbers. @param {Line} line
 * @param {Map<string, Given>} values */
function isRight(line, values) {
  const inputs = line.inputs.map((id) => values.get(id));
  if (inputs.some((each) => !each || each.left_out) || line.left_out) return false;
  const run = compile(
    line,
    inputs.map((each) => each?.shape ?? []),
  );
  if (!run) return false;
  run.data.push(...inputs.map((each) => flat(each?.value ?? null).map(Number)));
  const size = line.shape.reduce((all, n) => all * n, 1);
  const step = Math.max(1, Math.ceil(size / CHECKED));
  for (let k = 0; k < size; k += step) {
    const index = [];
    for (let axis = line.shape.length - 1, rest = k; axis >= 0; axis--) {
      index.unshift(rest % line.shape[axis]);
      rest = Math.floor(rest / line.shape[axis]);
    }
    const value = Number(at(line.value, index));
    if (!(Math.abs(run.at(index) - value) <= 1e-8 * Math.max(1, Math.abs(value)))) return false;
  }
  return true;
}
