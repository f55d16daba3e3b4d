/**
 * What each sample of the batch adds to the chosen entry of ∂C/∂W or ∂C/∂b: a bar per sample, their
 * sum, the sample with the largest part; a click on a bar shows its sample, a link leads back.
 */

import { at } from "../core/entries.js";
import { number } from "../core/format.js";
import {
  hardestOf,
  orderOf,
  penaltyOf,
  targetText,
  wireEntry,
  wireIndex,
} from "../core/sample-parts.js";
import { veiled } from "../core/veil.js";
import { leftOf, positionAt, sampleBars, widthOf } from "../figures/sample-bars.js";
import { Problem } from "../server/api.js";
import { chooseSample } from "../state/samples.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, patch, s, set, write } from "../ui/dom.js";
import { entryName } from "../ui/written-out.js";

/** @typedef {{key: string, line: Line, index: number[], order: number[]}} Shown */
/**
 * @typedef {{row: number, key: string, size: number, part: number | null, scale: string}} Followed
 *   the bar whose sample is shown
 */

const KEPT = 60; // answers
/** @type {{value: import("../core/sample-parts.js").Order, text: string, title?: string}[]} */
const ORDERS = [
  { value: "samples", text: TEXT.sampleParts.inOrder, title: TEXT.sampleParts.asTheBatch },
  { value: "size", text: TEXT.sampleParts.bySize },
];
/** @type {Record<string, number>} */
const MOVES = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageUp: 10,
  PageDown: -10,
};

/** @param {Services} services */
export function createSampleParts({ store, painter, session, api }) {
  const { state } = store;
  /** @type {Map<string, Shares | Problem>} a problem: why the server refused */
  const answers = new Map();
  /** @type {import("../core/sample-parts.js").Order} */
  let order = "samples";
  let active = 0; // position among the bars
  let drawn = ""; // key of the bars on screen
  /** @type {Followed | null} */
  let followed = null;
  /** @type {"back" | "bars" | null} what gets the focus when it is drawn: what had it is gone */
  let focusNext = null;
  /** @type {Shown | null} */
  let shown = null;

  const head = h("h3");
  const sorting = choice(
    TEXT.sampleParts.orderOfBars,
    ORDERS,
    (picked) => {
      order = picked;
      drawn = "";
      if (shown) draw(shown.line, shown.index);
    },
    { "data-control": "parts-order" },
  );
  const svg = s("svg[preserveAspectRatio=none][aria-hidden=true]");
  const chosenBar = s("rect.part-active", { y: 0, width: 1, height: 100 });
  const bars = h(
    "div.sample-parts-bars[tabindex=0][role=slider][aria-valuemin=1][data-control=parts]",
    { "aria-label": TEXT.sampleParts.sampleOfBatch },
  );
  bars.append(svg);
  const readout = h("p.sample-parts-one.smaller[data-readout=sample-part]");
  const text = h("span");
  /** @param {string} action @param {string} name @param {() => void} run */
  const link = (action, name, run) => button(`${action}.link`, name, run);
  readout.append(text, " ", link("parts-sample", TEXT.sampleParts.goToIt, follow));
  const total = h("p.sample-parts-total.smaller.soft[data-readout=parts-sum]");
  const element = h(
    "div.sample-parts[hidden]",
    h("div.sample-parts-head", head, sorting.element),
    bars,
    readout,
    total,
  );
  const backText = h("span");
  const backLink = link("parts-back", TEXT.sampleParts.backToBatch, () => {
    focusNext = "bars";
    chooseSample(store, "batch");
  });
  const back = h("p.sample-parts-back.smaller[hidden]", backText, " ", backLink);
  const jumpHere = link("sample-parts", TEXT.sampleParts.sampleBySample, () => {
    element.scrollIntoView({ block: "nearest" });
    bars.focus();
  });
  set(jumpHere, { hidden: true, title: TEXT.sampleParts.whatSampleBrings });

  /** The parts that are on screen, if the server gave them. */
  const answerNow = () => {
    const answer = shown ? answers.get(shown.key) : undefined;
    return answer instanceof Problem ? undefined : answer;
  };

  /** @param {string} key @param {Line} line @param {number[]} index */
  async function request(key, line, index) {
    const { experiment, trace } = state;
    if (!trace) return;
    const options = {
      layer: line.layer,
      entry: wireEntry(line, index),
      reduction: trace.reduction,
    };
    const answer = await session.ask("shares", (signal) =>
      api.shares(experiment.id, trace.step, options, signal).catch((error) => {
        if (error instanceof Problem && error.status === 422) return error;
        throw error;
      }),
    );
    if (!answer) return;
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > KEPT) answers.delete(oldest);
    painter.redraw("working");
  }

  /** @param {Line} line of the trace that is shown @param {number[]} index of the chosen entry */
  function draw(line, index) {
    if (!state.trace) return;
    const { trace, experiment } = state;
    const about = ["dC_dW", "dC_db"].includes(line.quantity) && !veiled(state, line.id);
    const whole = trace.batch !== null;
    element.hidden = jumpHere.hidden = !about || !whole;
    drawBack(about && !whole);
    if (element.hidden) {
      shown = null;
      drawn = "";
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
    shown = { key, line, index, order: shown?.order ?? [] };
    patch(head, h("span.math", entryName(line, index)), TEXT.sampleParts.andSampleBySample);
    sorting.show(order);
    element.classList.toggle("waiting-for", !answer);
    if (!answer) {
      if (!state.playing) request(key, line, index);
      return;
    }
    if (drawn === key) return;
    if (answer instanceof Problem) return write(total, answer.message);
    const { parts } = answer.entry;
    const kept = shown.order[active] ?? (followed ? answer.rows.indexOf(followed.row) : -1);
    shown.order = orderOf(parts, order);
    active = Math.max(0, shown.order.indexOf(kept < 0 ? hardestOf(parts) : kept));
    drawn = key;
    drawBars(parts, shown.order);
    patch(total, sentence(answer, line, index));
    point(active);
    if (focusNext === "bars") bars.focus();
    focusNext = null;
  }

  /** @param {(number | null)[]} parts @param {number[]} samples from left to right */
  function drawBars(parts, samples) {
    const { zero, bars: places } = sampleBars(parts, samples);
    const width = widthOf(parts.length);
    set(svg, { viewBox: `0 0 ${width} 100` });
    set(bars, { "aria-valuemax": parts.length });
    svg.replaceChildren(
      chosenBar,
      ...places.map(({ sample, x, y, height, below, hardest }) =>
        s("rect", {
          class: `${below ? "below" : "above"}${hardest ? " hardest" : ""}`,
          x: x + 0.12,
          width: 0.76,
          y,
          height,
          "data-sample": sample,
        }),
      ),
      s("line", { x1: 0, x2: width, y1: zero, y2: zero }),
    );
  }

  /** Say which sample a bar is. @param {number} position */
  function point(position) {
    const answer = answerNow();
    if (!answer || !shown) return;
    active = Math.max(0, Math.min(shown.order.length - 1, position));
    const k = shown.order[active];
    const { parts, sum } = answer.entry;
    const percent = sum ? Math.round((100 * (parts[k] ?? 0)) / sum) : 0;
    const part = sum ? TEXT.sampleParts.percentOfSum(percent).replace("-", "\u2212") : "";
    const said = `${nameOf(answer.rows[k])}: ${number(parts[k])}${part}`;
    write(text, said);
    set(bars, { "aria-valuenow": active + 1, "aria-valuetext": said });
    set(chosenBar, { x: leftOf(shown.order.length) + active });
  }

  function nameOf(/** @type {number} */ row) {
    const target = state.data && targetText(state.data, row, (value) => number(value, 3));
    return TEXT.sampleParts.sampleNamed(row, target === null ? "" : ` (${target})`);
  }

  /**
   * "Together the 32 parts are …", the difference between their sum and the entry, and which sample
   * has the largest part.
   * @param {Shares} answer @param {Line} line @param {number[]} index
   */
  function sentence({ entry, rows, hardest, gradient }, line, index) {
    const { reduction } = /** @type {Trace} shown */ (state.trace);
    const ofWeight = line.quantity === "dC_dW";
    const values = ofWeight ? gradient.dC_dW : gradient.dC_db;
    const whole = at(values, wireIndex(line, index));
    const penalty = ofWeight ? penaltyOf(whole, entry.sum ?? whole) : 0;
    const n = rows.length;
    const how = reduction.endsWith("mean") ? TEXT.sampleParts.eachIsPart(n) : "";
    /** @param {number} sample @param {string} name */
    const jump = (sample, name) =>
      h(
        "button.link",
        {
          onclick: () => {
            if (shown) point(shown.order.indexOf(sample));
            bars.focus();
          },
        },
        name,
      );
    const together = n === 1 ? TEXT.sampleParts.onePart : TEXT.sampleParts.togetherParts(n);
    const value = number(at(line.value, index));
    const rest = penalty
      ? TEXT.sampleParts.withPenalty(number(penalty), value)
      : TEXT.sampleParts.theEntry;
    /** @type {(string | HTMLElement)[]} */
    const out = [`${together} ${number(entry.sum)}${rest}.${how}`];
    if (n === 1) return out;
    const k = hardestOf(entry.parts);
    /** @param {string} before @param {string} after */
    const onLayer = (before, after) =>
      hardest && hardest.index !== k
        ? [before, jump(hardest.index, nameOf(hardest.row)), after]
        : [];
    if (k < 0)
      out.push(
        TEXT.sampleParts.everyPartIsZero,
        ...onLayer(TEXT.sampleParts.here, TEXT.sampleParts.pullsHardestLayer),
        ".",
      );
    else
      out.push(
        " ",
        jump(k, nameOf(rows[k])),
        TEXT.sampleParts.pullsHardestHere,
        ...onLayer(", ", TEXT.sampleParts.onTheWholeLayer),
        ".",
      );
    return out;
  }

  /** To the sample of the bar. */
  function follow() {
    const answer = answerNow();
    if (!answer || !shown) return;
    const k = shown.order[active];
    const mean = state.trace?.reduction.endsWith("mean");
    const { rows, entry } = answer;
    followed = {
      row: rows[k],
      key: shown.key,
      size: rows.length,
      part: entry.parts[k],
      scale: mean ? TEXT.sampleParts.partOfThis(rows.length) : TEXT.sampleParts.allOfThis,
    };
    focusNext = "back";
    store.set({ sample: rows[k], entry: shown.index });
  }

  /** @param {boolean} single a line of one sample that could be a part of the batch */
  function drawBack(single) {
    const here = `${state.experiment?.id}|${state.trace?.step}|`;
    const origin =
      single && followed && followed.row === state.sample && followed.key.startsWith(here)
        ? followed
        : null;
    back.hidden = !origin;
    if (!origin) return;
    const sameLine = origin.key.split("|")[2] === state.line;
    const part = TEXT.sampleParts.inTheBatch(origin.size, number(origin.part), origin.scale);
    write(backText, TEXT.sampleParts.sampleAlone(origin.row, sameLine ? ` ${part}` : ""));
    if (focusNext !== "back") return;
    focusNext = null;
    backLink.focus();
  }

  bars.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const { key } = event;
    if (!answerNow() || !shown || event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[key]) point(active + MOVES[key]);
    else if (key === "Home" || key === "End") point(key === "Home" ? 0 : shown.order.length - 1);
    else if (key === "Enter" || key === " ") follow();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const positionOf = (/** @type {MouseEvent} */ event) => {
    const box = svg.getBoundingClientRect();
    return positionAt((event.clientX - box.left) / box.width, shown?.order.length ?? 0);
  };
  bars.addEventListener("pointermove", (/** @type {PointerEvent} */ event) =>
    point(positionOf(event)),
  );
  bars.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const position = positionOf(event);
    if (!shown || position < 0 || position >= shown.order.length) return;
    point(position);
    follow();
  });

  return { element: h("div", element, back), link: jumpHere, draw };
}
