/**
 * How the text was read: a chip for each array with the line that it is, changed by a menu, and the
 * list of what was not read.
 */

import { course } from "../core/course.js";
import { shape as written } from "../core/format.js";
import { idOf, named, nameOf } from "../core/names.js";
import { infer } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { h, slot, windowIs } from "../ui/dom.js";
import { menu } from "../ui/fields.js";
import { rateOf, request } from "./givens.js";

/** @typedef {NonNullable<Check["read_as"]>[number]} ReadArray */

/**
 * @param {Work} work
 * @param {{onRead: () => void, onChoice: () => void}} listeners onRead: the text is read; onChoice:
 *   a line was chosen by hand
 */
export function createReading(work, { onRead, onChoice }) {
  const read = {
    /** @type {Check | null} the answer to the text */
    answer: null,
    /** @type {unknown} why the text was not read at all */
    refused: null,
  };
  let latest = 0;
  let newest = Promise.resolve();

  /** Read the text. The last call wins; older calls resolve with it. */
  function readText() {
    const turn = ++latest;
    newest = (async () => {
      /** @type {typeof read} */
      const now = { answer: null, refused: null };
      if (work.text.trim() && !Number.isNaN(rateOf(work))) {
        try {
          now.answer = await infer(request(work, course()));
        } catch (error) {
          now.refused = error;
        }
      }
      if (turn !== latest) return newest;
      Object.assign(read, now);
      show();
      onRead();
    })();
    return newest;
  }

  function show() {
    const { read_as: arrays = [], not_read: rest = [] } = read.answer ?? {};
    const depth = read.answer?.settings?.activations.length ?? 1;
    const chips = arrays.map((array) => chip(array, depth));
    const wasOpen = slot("read").querySelector("details")?.open;
    const unknown = rest.filter(({ index }) => index !== null);
    slot("read").replaceChildren(
      ...[
        chips.length
          ? h(
              "details.read-list",
              { open: wasOpen ?? !windowIs("phone").matches },
              h("summary", TEXT.check.arraysRead(chips.length)),
              h("ul.chips", { "aria-label": TEXT.check.recognised }, chips),
            )
          : null,
        unknown.length
          ? h(
              "div.not-read",
              h("p.told", TEXT.check.notRead(unknown.length)),
              h(
                "ul.chips",
                { "aria-label": TEXT.check.notReadList },
                unknown.map((array) =>
                  chip({ ...NO_LINE, ...array, index: array.index ?? 0 }, depth),
                ),
              ),
            )
          : null,
        places(rest.filter(({ index }) => index === null)),
      ].filter((element) => element !== null),
    );
  }

  /** @param {ReadArray} array @param {number} depth layers */
  function chip(array, depth) {
    const { index, name, at_line: line, shape, how } = array;
    const as = array.as ?? "";
    const shown = name ?? (line ? TEXT.check.lineNumber(line) : TEXT.check.withoutName);
    /** @type {[string, string][]} */
    const choices = lines(depth).map((id) => [id, nameOf(named(id))]);
    const select = menu(
      [["", how === "helper" ? TEXT.check.helper : TEXT.check.noLine], ...choices],
      (value) => {
        work.readAs = { ...work.readAs, [index]: value || null };
        onChoice();
      },
      { "aria-label": TEXT.check.whichLineIs(shown), "data-index": index },
      as,
    );
    const state = String(index) in work.readAs ? "chosen" : as ? STATES[how] : "unused";
    return h(
      "li.chip",
      { "data-state": state, "data-as": as, title: TEXT.check.how[how] ?? null },
      h(name ? "code" : "span", {}, shown),
      shape.length > 0 && h("span.shape", written(shape)),
      h("span.read-as", TEXT.check.readAs),
      select,
    );
  }

  return { read, readText };
}

/** @type {ReadArray} */
const NO_LINE = {
  ...{ index: 0, name: null, at_line: null, as: null, how: "name", agrees: false },
  shape: [],
};
/** @type {Record<string, string>} */
const STATES = {
  numbers: "known",
  name: "known",
  given: "known",
  shape: "guessed",
  helper: "unused",
};

/** What an array can be, in the order of the working. @param {number} depth */
function lines(depth) {
  /** @param {string[]} quantities */
  const each = (...quantities) =>
    Array.from({ length: depth }, (_, k) => quantities.map((one) => idOf(one, k + 1))).flat();
  return [
    ...["x", "target"],
    ...each("W", "b"),
    ...each("z", "a"),
    "C",
    ...each("dC_db", "dC_dW", "dC_dz", "dC_da").reverse(),
    ...each("W_next", "b_next"),
  ];
}

/** Places that were not read, each reason once. @param {NonNullable<Check["not_read"]>} unread */
function places(unread) {
  if (!unread.length) return null;
  const reasons = Map.groupBy(unread, ({ message }) => message);
  const place = (/** @type {(typeof unread)[number]} */ { name, at_line: line }) =>
    line ? TEXT.check.lineNumber(line) : (name ?? "");
  return h(
    "ul.unread",
    [...reasons].map(([message, some]) =>
      h("li", h("strong", `${some.map(place).join(", ")}: `), `${message}.`),
    ),
  );
}
