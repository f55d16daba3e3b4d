/**
 * The contents of the two texts: which array is which line, shown as chips below its text, and what
 * could not be read.
 */

import { shape as written } from "../core/format.js";
import { idOf } from "../core/names.js";
import { Problem } from "../server/api.js";
import { parse } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { h, slot } from "../ui/dom.js";
import { conventionOf, nameOf, roles } from "./givens.js";

/** @typedef {import("../core/wire.js").Catalog} Catalog */
/** @typedef {import("./givens.js").Piece} Piece */
/** @typedef {import("../core/wire.js").Parsed} Parsed */

/** @type {Parsed} */
const NOTHING = { arrays: [], words: {}, unread: [] };

/**
 * Settings by the names that a text has for them.
 * @type {Record<string, {table: "costs" | "reductions" | "conventions",
 *   field: "cost" | "reduction" | "convention"}>}
 */
const SETTINGS = {
  cost: { table: "costs", field: "cost" },
  loss: { table: "costs", field: "cost" },
  reduction: { table: "reductions", field: "reduction" },
  convention: { table: "conventions", field: "convention" },
};

/**
 * @param {import("./keep.js").Work} work settings that the text has are written into it
 * @param {{onRead: () => void, onChoice: () => void}} listeners onRead: both texts are read;
 *   onChoice: a line was chosen by hand
 */
export function createReading(work, { onRead, onChoice }) {
  /** What was found; of a refused text nothing, not that of an older one. */
  const read = {
    found: roles([]), // the givens by their roles
    /**
     * Recognised lines; the first array of a line counts.
     * @type {Record<string, import("../core/wire.js").Nested>}
     */
    own: {},
    nameless: 0,
    /** @type {Parsed["unread"]} of the second text */
    unread: [],
    /** @type {{where: "givens" | "submitted", error: unknown} | null} a text not read at all */
    refused: null,
  };
  /**
   * Lines chosen by hand for arrays without a name, by the array's values.
   * @type {Map<string, string>}
   */
  const chosen = new Map();
  let latest = 0;
  let newest = Promise.resolve();
  let turned = "";

  /**
   * Read both texts. The last call wins; older calls resolve with it.
   * @param {Catalog | null} catalog
   */
  function readTexts(catalog) {
    const turn = ++latest;
    newest = (async () => {
      let [givens, lines] = [NOTHING, NOTHING];
      /** @type {typeof read.refused} */
      let refused = null;
      /** @type {"givens" | "submitted"} */
      let where = "givens";
      try {
        givens = await parse(work.givens);
        where = "submitted";
        lines = await parse(
          work.submitted,
          Math.min(256, roles(givens.arrays).layers.length) || undefined,
        );
      } catch (error) {
        // an answer without errors of its own is about the whole text
        refused = {
          where,
          error:
            error instanceof Problem
              ? TEXT.check.nothingRead(error.message.replace(/\.?$/, "."))
              : error,
        };
      }
      if (turn !== latest) return newest;
      read.refused = refused;
      read.found = roles(givens.arrays);
      if (catalog) takeWords(givens.words, catalog);
      takeConvention();
      showGivens(givens);
      showSubmitted(lines);
      onRead();
    })();
    return newest;
  }

  /**
   * Take settings from the text: `cost = "mse"`, `activations = [relu, sigmoid]`.
   * @param {Parsed["words"]} words @param {Catalog} catalog
   */
  function takeWords(words, catalog) {
    for (const [name, list] of Object.entries(words)) {
      if (/^activation/.test(name)) {
        const known = list.flatMap((word) => nameOf(word, catalog.activations) ?? []);
        if (known.length === list.length && !/_der/.test(name)) work.activations = known;
      }
      const setting = SETTINGS[name];
      const one = setting && nameOf(list[0], catalog[setting.table]);
      if (one) work[setting.field] = one;
    }
  }

  function takeConvention() {
    const fitting = conventionOf(read.found, work.convention);
    turned = fitting === work.convention ? turned : fitting;
    work.convention = fitting;
  }

  /** @param {Parsed} parsed */
  function showGivens({ unread }) {
    const { found } = read;
    const chips = [
      ...found.layers.flatMap(({ W, b }, k) => [
        W && chip(idOf("W", k + 1), W),
        b && chip(idOf("b", k + 1), b),
      ]),
      found.x && chip("x", found.x),
      found.target && chip("target", found.target),
      ...found.other.map((piece) =>
        chip(piece.name ?? TEXT.check.withoutName, piece, {
          "data-state": "unused",
          title: TEXT.check.notUsed,
        }),
      ),
    ].filter(Boolean);
    const wanting = found.missing.length && work.givens.trim() && read.refused?.where !== "givens";
    const missing = wanting
      ? h(
          "p.lacking",
          TEXT.check.stillNeeded,
          found.missing.slice(0, 6).flatMap((name, k) => [k ? ", " : "", h("code", name)]),
        )
      : null;
    const convention =
      turned && turned === work.convention
        ? h("p.told", turned === "column" ? TEXT.check.columnHere : TEXT.check.rowHere)
        : null;
    slot("givens-read").replaceChildren(
      ...[
        chips.length ? h("ul.chips", { "aria-label": TEXT.check.recognised }, chips) : null,
        missing,
        convention,
        places(unread),
      ].filter(Boolean),
    );
  }

  /** Lines that can be chosen for an array without a name. */
  function lineIds() {
    const layers = Array.from(
      read.found.layers.length ? read.found.layers : [null],
      (_, k) => k + 1,
    );
    /** @param {string[]} quantities */
    const each = (...quantities) => layers.flatMap((k) => quantities.map((name) => idOf(name, k)));
    return [
      ...each("z", "a"),
      "C",
      ...each("dC_da", "dC_dz", "dC_dW", "dC_db").reverse(),
      ...(work.rate.trim() ? each("W_next", "b_next") : []),
    ];
  }

  /** @param {Parsed} parsed */
  function showSubmitted({ arrays, unread }) {
    Object.assign(read, { unread, own: {}, nameless: 0 });
    const { own } = read;
    /** @type {Set<string>} */
    const twice = new Set();
    /** @type {Set<string>} */
    const seen = new Set();
    const chips = arrays.map((piece) => {
      const key = JSON.stringify(piece.value);
      const id =
        chosen.get(key) ??
        piece.as ??
        (piece.name && !piece.guessed && !read.found.layers.length ? piece.name : null);
      if (!id) {
        if (seen.has(key)) return null; // the same array, printed twice to compare
        read.nameless += 1;
        return unknown(piece, key);
      }
      seen.add(key);
      // an array that was chosen by hand counts before one of the same name
      if (!(id in own) || chosen.has(key)) own[id] = piece.value;
      else if (JSON.stringify(own[id]) !== key) twice.add(id);
      return chip(id, piece, {
        "data-state": piece.guessed ? "guessed" : null,
        title: piece.guessed ? TEXT.check.printedWithoutName : null,
      });
    });
    const guessed = arrays.some((piece) => piece.guessed && piece.as);
    const parts = [
      arrays.length
        ? h("ul.chips", { "aria-label": TEXT.check.recognised }, chips.filter(Boolean))
        : null,
      guessed ? h("p.told", TEXT.check.takenAsGradients) : null,
      twice.size ? h("p.told", TEXT.check.givenTwice([...twice].join(", "))) : null,
      places(unread),
    ];
    slot("submitted-read").replaceChildren(...parts.filter(Boolean));
  }

  /** An array of an unknown line, with a menu. @param {Piece} piece @param {string} key */
  function unknown(piece, key) {
    const name = piece.name && !piece.guessed ? piece.name : null;
    const select = h(
      "select",
      { "aria-label": TEXT.check.whichLineIs(name ?? TEXT.check.arrayInLine(piece.at_line)) },
      h("option", { value: "" }, TEXT.check.whichLine),
      lineIds().map((id) => h("option", { value: id }, id)),
    );
    select.addEventListener("change", () => {
      chosen.set(key, select.value);
      onChoice();
    });
    return h(
      "li.chip",
      { "data-state": "unknown" },
      name ? h("code", name) : h("span", TEXT.check.lineNumber(piece.at_line)),
      h("span.shape", written(piece.shape)),
      select,
    );
  }

  return {
    read,
    readTexts,
    /** The convention is no longer the one that the shapes told. */
    forgetConvention() {
      turned = "";
    },
  };
}

/**
 * @param {string} name @param {Piece | null} piece
 * @param {Record<string, import("../ui/dom.js").Attribute>} [more] attributes
 */
const chip = (name, piece, more = {}) =>
  h("li.chip", more, h("code", name), piece ? h("span.shape", written(piece.shape)) : null);

/** Places that were not read. @param {Parsed["unread"]} unread */
const places = (unread) =>
  unread.length
    ? h(
        "ul.unread",
        unread.map(({ line, column, message }) =>
          h("li", h("strong", TEXT.check.place(line, column)), `${message}.`),
        ),
      )
    : null;
