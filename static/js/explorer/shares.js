/**
 * What each sample of the batch brings to the chosen entry of ∂C/∂W or ∂C/∂b: a bar per sample,
 * their sum, the sample that pulls hardest; from a bar to its sample, and back to the batch.
 */

import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import { parse } from "../core/lines.js";
import { veiled } from "../core/veil.js";
import { Problem } from "../server/api.js";
import { choice, h, s, set, write } from "../ui/dom.js";
import { entryName } from "../ui/written-out.js";

const KEPT = 60; // answers
const FEWEST = 12; // places for bars, so that few do not become blocks

/**
 * What the route calls an entry: "W[0,2]", rows are inputs.
 * @param {string} letter
 * @param {number[]} index
 * @param {string} convention
 */
const wireEntry = (letter, index, convention) =>
  letter === "b"
    ? `b[${index.at(-1)}]`
    : `W[${(convention === "column" ? [...index].reverse() : index).join()}]`;

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter,
 *   session: import("../server/session.js").Session, api: import("../server/api.js").Api}}
 *   surroundings
 */
export function createShares({ store, painter, session, api }) {
  const { state } = store;
  /** @type {Map<string, any>} */
  const answers = new Map();
  let order = "samples";
  let active = 0; // place among the bars
  let shown = ""; // key of what is drawn
  /**
   * @type {{row: number, key: string, size: number, part: number, scale: string} | null} the bar
   *   that was followed to its sample
   */
  let followed = null;
  /**
   * @type {"back" | "bars" | null} what gets the focus as soon as it is there: where it was has
   *   gone
   */
  let wants = null;

  const head = h("h3", {});
  const sorting = choice(
    "Order of the bars",
    [
      { value: "samples", text: "in order", title: "As the batch has them" },
      { value: "size", text: "by size" },
    ],
    (picked) => {
      order = picked;
      shown = "";
      redraw();
    },
    { "data-control": "shares-order" },
  );
  const svg = s("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  const bars = h("div", {
    class: "shares-bars",
    tabindex: "0",
    role: "slider",
    "aria-label": "Sample of the batch",
    "aria-valuemin": "1",
    "data-control": "shares",
  });
  bars.append(svg);
  const readout = h("p", { class: "shares-one", "data-readout": "share" });
  const text = h("span", {});
  const go = h(
    "button",
    { type: "button", class: "link", "data-action": "share-sample", onclick: () => follow() },
    "go to it",
  );
  readout.append(text, " ", go);
  const total = h("p", { class: "shares-total", "data-readout": "shares-sum" });
  const element = h(
    "div",
    { class: "shares", hidden: true },
    h("div", { class: "shares-head" }, head, sorting.element),
    bars,
    readout,
    total,
  );
  const backText = h("span", {});
  const back = h(
    "p",
    { class: "shares-back", hidden: true },
    backText,
    " ",
    h(
      "button",
      {
        type: "button",
        class: "link",
        "data-action": "share-back",
        onclick: () => {
          wants = "bars";
          store.set({ sample: "batch" });
        },
      },
      "back to the batch",
    ),
  );
  const link = h(
    "button",
    {
      type: "button",
      class: "link",
      "data-action": "shares",
      hidden: true,
      title: "What each sample brings to the chosen entry",
      onclick: () => {
        element.scrollIntoView({ block: "nearest" });
        bars.focus();
      },
    },
    "sample by sample",
  );
  const root = h("div", {}, element, back);

  /** @type {any} {key, line, index, answer, places} of what is on screen */
  let now = null;
  const redraw = () => now && draw(now.line, now.index);

  /** Samples from the largest part to the smallest, or as the batch has them. */
  function placesOf(parts) {
    const places = parts.map((_, k) => k);
    return order === "samples"
      ? places
      : places.sort((p, q) => Math.abs(parts[q]) - Math.abs(parts[p]) || p - q);
  }

  async function ask(key, line, index) {
    const { convention } = state.trace;
    const options = {
      layer: line.layer,
      entry: wireEntry(parse(line.id).letter, index, convention),
      reduction: state.trace.reduction,
    };
    const { experiment, trace } = state;
    const answer = await session.ask("shares", (signal) =>
      api.shares(experiment.id, trace.step, options, signal).catch((error) => {
        if (error instanceof Problem && error.status === 422) return { refused: error.message };
        throw error;
      }),
    );
    if (!answer) return;
    answers.set(key, answer);
    if (answers.size > KEPT) answers.delete(answers.keys().next().value);
    painter.redraw("working");
  }

  /**
   * @param {import("../core/wire.js").Line} line of the trace that is shown
   * @param {number[]} index of the chosen entry
   */
  function draw(line, index) {
    const { trace, experiment } = state;
    const { kind, letter } = parse(line.id);
    const about = kind === "gradient" && /^[Wb]$/.test(letter) && !veiled(state, line.id);
    const whole = trace.batch !== null;
    element.hidden = link.hidden = !about || !whole;
    drawBack(about && !whole);
    if (element.hidden) {
      now = null;
      shown = "";
      return;
    }
    const key = [
      experiment.id,
      trace.step,
      line.id,
      index.join(),
      trace.convention,
      trace.reduction,
    ].join("|");
    const answer = answers.get(key);
    now = { key, line, index, answer, places: now?.places ?? [] };
    head.replaceChildren(
      h("span", { class: "math" }, entryName(line.id, index)),
      " sample by sample",
    );
    sorting.show(order);
    element.classList.toggle("waiting-for", !answer);
    if (!answer) {
      if (!state.playing) ask(key, line, index);
      return;
    }
    if (shown === key) return;
    if (answer.refused) return write(total, answer.refused);
    const { parts } = answer.entry;
    const before = now.places[active] ?? (followed ? answer.rows.indexOf(followed.row) : -1);
    now.places = placesOf(parts);
    active = Math.max(0, now.places.indexOf(before < 0 ? hardestOf(parts) : before));
    shown = key;
    drawBars(parts);
    total.replaceChildren(...sentence(answer, line, index));
    point(active);
    if (wants === "bars") bars.focus();
    wants = null;
  }

  /** Place of the largest part, −1 where all are 0. */
  const hardestOf = (parts) =>
    parts.reduce(
      (best, part, k) => (Math.abs(part ?? 0) > Math.abs(parts[best] ?? 0) ? k : best),
      -1,
    );

  function drawBars(parts) {
    const room = Math.max(FEWEST, parts.length);
    const [low, high] = [Math.min(0, ...parts), Math.max(0, ...parts)];
    const scale = 92 / (high - low || 1);
    const zero = 4 + high * scale;
    const hardest = hardestOf(parts);
    set(svg, { viewBox: `0 0 ${room} 100` });
    set(bars, { "aria-valuemax": parts.length });
    const left = (room - parts.length) / 2;
    svg.replaceChildren(
      s("rect", { class: "share-active", y: 0, width: 1, height: 100 }),
      ...now.places.map((k, place) => {
        const height = Math.max(0.8, Math.abs(parts[k] ?? 0) * scale);
        return s("rect", {
          class: `${parts[k] < 0 ? "below" : "above"}${k === hardest ? " hardest" : ""}`,
          x: left + place + 0.12,
          width: 0.76,
          y: parts[k] < 0 ? zero : zero - height,
          height,
          "data-sample": k,
        });
      }),
      s("line", { x1: 0, x2: room, y1: zero, y2: zero }),
    );
  }

  /** Say which sample a bar is. @param {number} place */
  function point(place) {
    const { answer, places } = now;
    active = Math.max(0, Math.min(places.length - 1, place));
    const k = places[active];
    const { parts, sum } = answer.entry;
    const share = sum
      ? `, ${Math.round((100 * parts[k]) / sum)} % of the sum`.replace("-", "\u2212")
      : "";
    const said = `${nameOf(answer.rows[k])}: ${number(parts[k])}${share}`;
    write(text, said);
    set(bars, { "aria-valuenow": active + 1, "aria-valuetext": said });
    const left = (Math.max(FEWEST, places.length) - places.length) / 2;
    set(svg.firstChild, { x: left + active });
  }

  function nameOf(row) {
    const { data } = state;
    const target = data.train.target[row];
    const truth =
      data.task === "classification"
        ? (data.classes[target] ?? target)
        : Array.isArray(target)
          ? null
          : number(target, 3);
    return `sample ${row}${truth === null || truth === undefined ? "" : ` (${truth})`}`;
  }

  /** "32 parts add up to …": and what is between their sum and the entry. */
  function sentence({ entry, rows, hardest, gradient }, line, index) {
    const { convention, reduction } = state.trace;
    const value = at(line.value, index);
    const { letter } = parse(line.id);
    const wire =
      letter === "b" ? [index.at(-1)] : convention === "column" ? [...index].reverse() : index;
    const whole = at(letter === "b" ? gradient.dC_db : gradient.dC_dW, wire);
    const penalty = whole - entry.sum;
    const penalized =
      letter === "W" && Math.abs(penalty) > 1e-12 * Math.max(Math.abs(whole), Math.abs(entry.sum));
    const n = rows.length;
    const mean = reduction.endsWith("mean");
    const how = mean
      ? ` Each is 1/${n} of what its sample alone would give: the entry is the mean of those.`
      : "";
    const k = hardestOf(entry.parts);
    const jump = (place, name) =>
      h(
        "button",
        {
          type: "button",
          class: "link",
          onclick: () => {
            point(now.places.indexOf(place));
            bars.focus();
          },
        },
        name,
      );
    const together = n === 1 ? "The one part is" : `Together the ${n} parts are`;
    const out = [
      `${together} ${number(entry.sum)}${penalized ? `; with the penalty's ${number(penalty)} that is the entry, ${number(value)}` : ", the entry"}.${how}`,
    ];
    if (n === 1) return out;
    const on = (words) =>
      hardest && hardest.index !== k
        ? [words[0], jump(hardest.index, nameOf(hardest.row)), words[1]]
        : [];
    if (k < 0)
      out.push(" Every part is 0", ...on([" here; ", " pulls hardest on the whole layer"]), ".");
    else
      out.push(
        " ",
        jump(k, nameOf(rows[k])),
        " pulls hardest here",
        ...on([", ", " on the whole layer"]),
        ".",
      );
    return out;
  }

  /** To the sample of the bar. */
  function follow() {
    if (!now?.answer?.entry) return;
    const k = now.places[active];
    const mean = state.trace.reduction.endsWith("mean");
    const { rows, entry } = now.answer;
    followed = {
      row: rows[k],
      key: now.key,
      size: rows.length,
      part: entry.parts[k],
      scale: mean ? `1/${rows.length} of this` : "all of this",
    };
    wants = "back";
    store.set({ sample: rows[k], entry: now.index });
  }

  function drawBack(single) {
    const own =
      single &&
      followed &&
      followed.row === state.sample &&
      followed.key.startsWith(`${state.experiment.id}|${state.trace.step}|`);
    back.hidden = !own;
    if (!own) return;
    const same = followed.key.split("|")[2] === state.line;
    write(
      backText,
      `Sample ${followed.row} alone.${same ? ` In the batch of ${followed.size} its part is ${number(followed.part)}, ${followed.scale}.` : ""}`,
    );
    if (wants !== "back") return;
    wants = null;
    back.querySelector("button").focus();
  }

  bars.addEventListener("keydown", (event) => {
    const by = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageUp: 10,
      PageDown: -10,
      Home: -Infinity,
      End: Infinity,
    }[event.key];
    if (!now?.answer?.entry || event.ctrlKey || event.metaKey || event.altKey) return;
    if (by) point(by === Infinity ? now.places.length - 1 : by === -Infinity ? 0 : active + by);
    else if (event.key === "Enter" || event.key === " ") follow();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    const room = Math.max(FEWEST, now.places.length);
    return Math.floor(
      ((event.clientX - box.left) / box.width) * room - (room - now.places.length) / 2,
    );
  };
  bars.addEventListener("pointermove", (event) => now?.answer?.entry && point(under(event)));
  bars.addEventListener("click", (event) => {
    if (!now?.answer?.entry) return;
    const place = under(event);
    if (place < 0 || place >= now.places.length) return;
    point(place);
    follow();
  });

  return { element: root, link, draw };
}
