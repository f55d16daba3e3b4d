/** Finds string literals in JavaScript, well enough for this project's formatted sources. */

const REGEX_BEFORE = /(?:[(,=:[!&|?{};>]|\breturn|=>)\s*$/;

/**
 * Every string of a source with what stands before it on its line, templates with … for each
 * expression; those of the expressions too.
 * @param {string} source
 * @returns {{value: string, before: string, line: number, start: number, end: number}[]}
 */
export function literals(source) {
  const found = [];
  /** What stands before it on its line, or else the end of the line before. */
  const beforeOf = (start) => {
    const own = source.slice(source.lastIndexOf("\n", start - 1) + 1, start);
    if (own.trim()) return own;
    const before = source.slice(0, start).trimEnd();
    return `${before.slice(before.lastIndexOf("\n") + 1)} `;
  };
  const add = (start, end, value) =>
    found.push({ value, start, end, before: beforeOf(start), line: 0 });

  /** Reads code from `at` up to the brace that closes it, or the end. */
  function code(at) {
    for (let depth = 0; at < source.length; at++) {
      const c = source[at];
      if (c === "{") depth += 1;
      else if (c === "}" && depth-- === 0) return at;
      else if (c === '"' || c === "'") {
        const start = at;
        for (at++; source[at] !== c; at++) if (source[at] === "\\") at++;
        add(start, at + 1, source.slice(start + 1, at));
      } else if (c === "`") at = template(at);
      else if (source.startsWith("//", at)) at = end("\n", at);
      else if (source.startsWith("/*", at)) at = end("*/", at) + 1;
      else if (c === "/" && REGEX_BEFORE.test(source.slice(Math.max(0, at - 20), at))) {
        let inClass = false;
        for (at++; source[at] !== "/" || inClass; at++) {
          if (source[at] === "\\") at++;
          else if (source[at] === "[") inClass = true;
          else if (source[at] === "]") inClass = false;
        }
      }
    }
    return at;
  }
  const end = (text, at) => {
    const found = source.indexOf(text, at);
    return found < 0 ? source.length : found;
  };
  function template(start) {
    let value = "";
    let at = start + 1;
    for (; source[at] !== "`"; at++) {
      if (source.startsWith("${", at)) {
        at = code(at + 2);
        value += "…";
      } else if (source[at] === "\\") value += source[at] + source[++at];
      else value += source[at];
    }
    add(start, at + 1, value);
    return at;
  }
  code(0);
  found.sort((a, b) => a.start - b.start);
  let line = 1;
  let counted = 0;
  for (const each of found) {
    line += source.slice(counted, each.start).split("\n").length - 1;
    counted = each.start;
    each.line = line;
  }
  return found;
}

/** Attributes, calls and comparisons whose strings no reader sees. */
const NOT_SHOWN = [
  /(?:\bclass|className|\bd|style|font|rel|role|"aria-(?:describedby|labelledby|controls)"|type|href|viewBox|points|transform|key|kind): [^,]*$/,
  /(?:querySelector(?:All)?|matches|closest|matchMedia|find|[eE]rror|ask)\([^)]*$/,
  /(?:addEventListener|getElementById|startsWith|includes|import)\($|from $|import $|case $/,
  /[!=]== $/,
  /\.font = $/,
];
const KEYS = /^(?:Arrow\w+|Escape|Enter|Home|End|Tab|Backspace|Delete|Page\w+|Ctrl.*|Shift.*)$/;

/** Where a string is a child of an element that `h` makes, or what an element says. */
const CHILD =
  /(?:^ *\}, |\brow\(|\bh\("\w+", \{[^}]*\}, |\b(?:write|tell)\(\w*,? ?)(?:[^,]*[?:] )?$/;
/** Properties that are read. */
const READ = /(?:\b(?:text|title|heading|label|placeholder)|"aria-label"): $|\brow\($/;

/**
 * Whether a reader of the page may see this string: words, one word with a capital, a word beside
 * a value, or what an element says.
 */
export function isShown({ value, before }) {
  if (NOT_SHOWN.some((each) => each.test(before)) || KEYS.test(value)) return false;
  if (READ.test(before)) return /[A-Za-z]{2,}|^[A-Za-z]\d?$/.test(value);
  if (/^(?:[.#[]|[a-z]+\.[a-z])/.test(value)) return false; // a selector
  const words = value.replace(/…/g, " ").replace(/\\[nu]\w*/g, " ");
  if (/[[\]{};=<>#@]|\(\)|^\.|::|--|\/\w+\/|^[a-z-]+:/.test(words.replace(/^[^a-zA-Z]+/, ""))) {
    if (!/[a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(words)) return false;
  }
  return (
    /[A-Za-z’']{2,},? +[A-Za-z(“]/.test(words) ||
    /^[A-Z][a-z]+[.:!?]?$/.test(value) ||
    /(?:^|[ ,;:.…])[A-Za-z]{2,}[,;:.]? (?:…|$)|(?:^|…)[,;:.]? [A-Za-z]{2,}/.test(value) ||
    (CHILD.test(before) && /^[+−]? ?[A-Za-z]{2,}$/.test(value))
  );
}
