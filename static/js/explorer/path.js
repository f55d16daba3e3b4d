/**
 * The path from a number back to what it was computed from: each stop is a button; at a given, a
 * sentence says where it comes from.
 */

import { at, feeds } from "../core/entries.js";
import { number } from "../core/format.js";
import { named } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { chosenEntry } from "../state/entry.js";
import { TEXT } from "../text/en.js";
import { button, h, patch, set } from "../ui/dom.js";
import { entryName } from "../ui/written-out.js";

/**
 * @param {Services & {origin?: typeof import("../core/provenance.js").provenance}} services origin:
 *   where a given comes from; left out: what it is
 */
export function createPath({ store, session, player, origin = about }) {
  const { state } = store;
  const element = h("nav.path[hidden]", { "aria-label": TEXT.path.whereFrom });

  // A line or sample that is chosen elsewhere ends the path, and so does an entry off it.
  let moving = false;
  const leave = () => {
    if (state.path.length || state.source) store.set({ path: [], source: null });
  };
  store.on(["line", "convention", "sample", "experiment"], () => moving || leave());
  store.on(["entry"], () => moving || onPath() || leave());

  /** Whether the last stop depends on the chosen entry, and that one on the source. */
  function onPath() {
    const { trace, source, step } = state;
    const line = lineOf(trace, state.line);
    if (!line || !state.trace) return false;
    const entry = chosenEntry(state, line);
    const last = state.path.at(-1);
    const before = last && lineOf(trace, last.line);
    const read = { variable: state.line, index: entry };
    return (
      (!last || (last.step === step && before && feeds(before, read, last.entry))) &&
      (!source || feeds(line, source, entry))
    );
  }

  /** To another stop. @param {Parameters<typeof store.set>[0]} place */
  function move(place) {
    moving = true;
    store.set({ source: null, hoverEntry: null, ...place });
    moving = false;
  }

  /** The present place as a stop. @param {number[]} entry of the shown line */
  const current = (entry) => {
    const { line, step, sample, sampleBefore } = state;
    return { line, entry, step, sample, sampleBefore };
  };

  /**
   * Go to what an entry of an input came from.
   * @param {{variable: string, index: number[]}} pointed
   * @param {number[]} from entry of the shown line
   */
  function follow({ variable: id, index }, from) {
    const line = lineOf(state.trace, id);
    if (!line) {
      store.set({ source: { variable: id, index } });
      return;
    }
    // what the batch's update reads is of the batch, too
    const sampleBefore = line.phase === "update" ? state.sampleBefore : null;
    move({ path: [...state.path, current(from)], line: id, entry: index, sampleBefore });
  }

  /** One stop back. @returns {Promise<boolean>} whether there was one */
  async function back() {
    if (!state.source) return backTo(state.path.length - 1);
    store.set({ source: null });
    return true;
  }

  /** @param {number} to position of a stop */
  async function backTo(to) {
    const stop = state.path[to];
    if (!stop) return false;
    const { step, ...place } = stop;
    move({ path: state.path.slice(0, to), ...place });
    if (step === state.step) return true;
    if (state.playing) player.pause();
    await session.go(step);
    return true;
  }

  /**
   * To the update that made a parameter, in the step before.
   * @param {{step: number, line: string}} update @param {number[]} index of the parameter's entry
   * @param {number[]} from entry of the shown line
   */
  async function before({ step, line }, index, from) {
    if (state.playing) player.pause();
    move({ path: [...state.path, current(from)], line, entry: index });
    await session.go(step);
  }

  /** @param {string} id @param {number[]} index */
  const name = (id, index) =>
    h("span.math", entryName(variable(state.trace, id) ?? named(id), index));

  /** @param {number[]} entry of the shown line */
  function draw(entry) {
    if (!state.trace) return;
    const { path, source, trace } = state;
    set(element, { hidden: !path.length && !source });
    if (element.hidden) return;
    const stops = path.map(({ line, entry: index, step }, k) =>
      h(
        "li",
        h(
          "button.stop",
          {
            title: step === state.step ? TEXT.path.backToIt : TEXT.path.backToItAt(step),
            onclick: () => backTo(k),
          },
          name(line, index),
          step === state.step ? null : h("span.soft", TEXT.path.atStep(step)),
        ),
      ),
    );
    stops.push(
      h(
        "li",
        { "aria-current": source ? null : "step" },
        source
          ? h(
              "button.stop",
              { title: TEXT.path.backToIt, onclick: () => store.set({ source: null }) },
              name(state.line, entry),
            )
          : name(state.line, entry),
      ),
    );
    const children = [];
    if (source) {
      const value = at(variable(trace, source.variable)?.value, source.index);
      stops.push(
        h("li[aria-current=step]", name(source.variable, source.index), ` = ${number(value)}`),
      );
      const { text, before: computed } = origin(state, source.variable, source.index);
      children.push(
        h(
          "p.source[role=status][data-readout=source]",
          text,
          computed &&
            button("step-before.link", TEXT.path.seeUpdate, () =>
              before(computed, source.index, entry),
            ),
        ),
      );
    }
    patch(
      element,
      h("ol", stops),
      h(
        "button.small.plain.path-close",
        { "aria-label": TEXT.path.leavePath, title: TEXT.path.leavePath, onclick: leave },
        "×",
      ),
      ...children,
    );
  }

  return { element, follow, back, draw };
}

/** What the trace says of a given. @param {State} state @param {string} id */
const about = ({ trace }, id) => ({ text: variable(trace, id)?.about ?? "", before: null });
