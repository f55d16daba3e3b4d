/** The source of the program: each line with what is known of its value and gradient. */
import { gradientName } from "../core/names.js";
import { firstLine, variableOf } from "../core/program.js";
import { lineOf } from "../core/trace.js";
import { PROGRAMS } from "../text/programs.js";
import { closest, h, panel, patchEach, set } from "../ui/dom.js";

const KEYWORDS = /(?<!\w)(def|for|in|return|if|else|elif|while|lambda|not|and|or)(?!\w)/;

/** Columns are those of bytes. @param {string} text @param {number} from @param {number} to */
const sliced = (text, from, to) =>
  new TextDecoder().decode(new TextEncoder().encode(text).slice(from, to));

/**
 * A text with highlighted places.
 * @param {string} text @param {[number, number][]} spans from, to
 */
function highlighted(text, spans) {
  const out = [];
  let done = 0;
  for (const [from, to] of spans.sort((p, q) => p[0] - q[0])) {
    if (from < done) continue;
    out.push(keywords(text.slice(done, from)), h("mark", text.slice(from, to)));
    done = to;
  }
  return [...out, keywords(text.slice(done))];
}
/** Its keywords stronger. @param {string} text */
export const keywords = (text) =>
  text.split(KEYWORDS).map((part, k) => (k % 2 ? h("b", part) : part));

/**
 * Places of a variable's name within a part of a text.
 * @param {string} text @param {string} name @param {number} from @param {number} to
 * @returns {[number, number][]}
 */
const places = (text, name, from, to) =>
  [...text.matchAll(new RegExp(`(?<![\\w.])${name.replace(/[^\w]/g, "\\$&")}(?!\\w)`, "g"))]
    .map((match) => /** @type {[number, number]} */ ([match.index, match.index + name.length]))
    .filter(([start, end]) => start >= from && end <= to);

/** @param {Services} services @param {(number: number) => void} choose a line of the source */
export function mountCode({ painter }, choose) {
  const root = panel("source");
  const list = h("ol.code-lines");
  root.append(list);
  list.addEventListener("click", ({ target }) => {
    const row = closest(target, "[data-source-line]");
    if (row) choose(Number(row.getAttribute("data-source-line")));
  });

  painter.add("code", 0, ({ program, trace, line: id, folding }) => {
    if (!program || !trace || !folding) return;
    const line = lineOf(trace, id);
    if (!line) return;
    const at = trace.lines.findIndex((each) => each.id === id);
    const value = folding.ownerOf(id);
    const name = variableOf(value);
    const { lines } = program.source;
    const first = firstLine(program);
    const written = folding.lines.get(value);
    const whole = line.part ? line.part.of : id;
    const readers = (folding.lines.get(whole)?.sum_of ?? [])
      .flatMap((each) => folding.lines.get(each)?.part ?? [])
      .filter(({ through }) => !line.part || through === line.part.through);
    const readAt = new Set(
      readers.length
        ? readers.map(({ read }) => read?.line)
        : line.phase === "backward"
          ? [...folding.lines.values()].flatMap((each) =>
              each.phase !== "backward" && each.inputs.includes(value) ? (each.line ?? []) : [],
            )
          : [],
    );
    const givens = written
      ? undefined
      : lines.find(({ text }) => places(text, name, 0, 1e4).length);
    const current = written?.line ?? givens?.number;
    const shift = Math.min(
      ...lines.map(({ text }) => (text.trim() ? text.length - text.trimStart().length : 99)),
    );
    /** @type {Map<string, {each: Line, place: number}[]>} */
    const byRow = new Map();
    trace.lines.forEach((each, place) => {
      const at = `${each.file}:${each.line}`;
      byRow.set(at, byRow.get(at) ?? []);
      byRow.get(at)?.push({ each, place });
    });
    const rows = lines.map(({ number, text, file }, k) => {
      const here = byRow.get(`${file}:${number}`) ?? [];
      const values = here.filter(({ each }) => each.phase !== "backward");
      const isDef = /^\s*def\b/.test(text);
      const known = (/** @type {typeof here} */ some) =>
        some.length ? String(some.every(({ place }) => place <= at)) : null;
      const gradients = isDef
        ? trace.lines.flatMap((each, place) =>
            program.wrt.some((one) => gradientName(one) === each.id) ? [{ each, place }] : [],
          )
        : here.filter(({ each }) => each.phase === "backward" && !each.part);
      const [from, to, begin, end] = written?.span ?? [];
      const inSpan = from !== undefined && number >= from && number <= (to ?? from);
      const cut = (/** @type {number} */ byte) => sliced(text, 0, byte).length;
      const isOwn = number === current || inSpan;
      const begins = Math.max(shift, text.length - text.trimStart().length);
      const isReader = readAt.has(number);
      /** @type {[number, number][]} */
      let spans = [];
      if (line.phase === "backward" && (isReader || (isOwn && !written)))
        spans = places(text, name, isOwn ? 0 : assigned(text), 1e4);
      else if (isOwn && inSpan && line.phase !== "backward")
        spans = [[number === from ? cut(begin) : 0, number === to ? cut(end) : text.length]];
      const dots = [isDef ? "true" : known(values), known(gradients)];
      const shown = number - first + 1;
      const gap = lines[k + 1]?.number > number + 1;
      const make = () =>
        h(
          "li",
          h(
            "button.code-line-button",
            {
              ...{ "data-source-line": number, "data-read": isReader && !isOwn },
              "aria-current": isOwn ? "step" : null,
              disabled: !values.length && !isDef,
            },
            h("span.code-number", shown),
            h("span.code-dot.value-dot", { "data-known": dots[0] }),
            h("span.code-dot.gradient-dot", { "data-known": dots[1] }),
            h(
              "code",
              h("span", text.slice(shift, begins)),
              h(
                "span",
                highlighted(
                  text.slice(begins),
                  spans.map(([p, q]) => [p - begins, q - begins]),
                ),
              ),
            ),
          ),
          gap && h("span.code-gap.soft", "⋮"),
        );
      return { key: JSON.stringify([shown, text, gap, dots, isOwn, isReader, spans]), make };
    });
    const none = { key: "", make: () => h("li.soft", PROGRAMS.noText) };
    patchEach(list, lines.length ? rows : [none]);
    set(list, { "data-phase": line.phase, "aria-label": PROGRAMS.source });
    const now = list.querySelector('[aria-current="step"]');
    if (now && root.scrollHeight > root.clientHeight) now.scrollIntoView({ block: "nearest" });
  });
}

/** Where what an assignment reads begins. @param {string} text */
const assigned = (text) => {
  const match = /^[^=()]*[^=!<>]=(?!=)/.exec(text);
  return match ? match[0].length : 0;
};
