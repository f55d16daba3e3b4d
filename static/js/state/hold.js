/**
 * A number of the working that is held at another value: the page shows what it would change, and
 * no run is changed. It is put back when anything else is shown.
 */
import { dataAt, dataTarget } from "../core/data-edits.js";
import { targetOf } from "../core/edits.js";
import { elementOf } from "../core/elements.js";
import { heldOf } from "../core/held.js";
import { NOTATION, variable } from "../core/trace.js";

const ENDS = ["playing", ...NOTATION, "sample"];

/** @param {Store} store @param {Pick<Session, "look">} session */
export function createHold(store, session) {
  const { state } = store;
  /** @type {Pick<State, "trace" | "frame"> | null} what is shown in place of `before` */
  let shown = null;
  /** @type {{id: string, index: number[], value: number, of: string} | null} to be held again */
  let later = null;
  /** The run and the update that are shown. */
  const here = () => `${state.experiment?.id} ${state.frame?.step}`;

  /** @param {string} id of a given @param {number[]} index @returns {boolean} whether it is held */
  function take(id, index) {
    const { trace, frame, data, held } = state;
    if (held?.id === id && held.index.join() === index.join()) return true;
    if (held) putBack();
    const array = variable(trace, id);
    const target = trace && data && dataTarget(id, index, trace, data);
    const set = target?.set ?? targetOf(array, index);
    // of several classes one alone cannot change
    const classes = id === "target" && data?.task === "classification" && array?.shape.at(-1) !== 1;
    if (!set || !frame || !trace || state.veil || state.pending || state.first || classes)
      return false;
    const numbers = heldOf({ trace, frame, data }, id, index);
    if (!numbers) return false;
    const lines = new Set([id]);
    for (const line of trace.lines)
      if (line.inputs.some((input) => lines.has(input))) lines.add(line.id);
    const element = elementOf(array, index, frame.layers.length);
    shown = { trace, frame };
    store.set({
      held: { ...numbers, id, index, set, lines, before: { trace, frame, data } },
      heldValue: numbers.was,
      ...{ hover: null, hoverEntry: null, selection: element ?? state.selection },
    });
    return true;
  }

  function to(/** @type {number} */ value) {
    const { held } = state;
    if (!held) return;
    const { data, frame } = held.before;
    const whole = held.id === "target" && data.task === "classification";
    const heldValue = whole ? Number(value >= 0.5) : Number(value.toFixed(4));
    shown = held.at(heldValue);
    const edit = { step: frame.step, set: held.set, to: heldValue };
    const edited = held.layer === null ? dataAt(data, [edit], frame.step) : data;
    store.set({ ...shown, heldValue, data: edited });
  }

  function putBack() {
    const { held } = state;
    if (!held) return;
    shown = null;
    store.set({ held: null, ...held.before });
    if (!held.before.trace.verification && !state.playing) session.look();
  }

  const isOfSample = (/** @type {Trace} */ { batch, rows }) =>
    state.sample === "batch" ? batch !== null : batch === null && rows[0] === state.sample;

  store.on([...ENDS, "frame", "trace"], (_, changed) => {
    const { held, trace, frame } = state;
    if (held && shown) {
      if (frame !== shown.frame || trace !== shown.trace) {
        const { before } = held; // something else has come: of it nothing is put back
        const same = { frame: frame === shown.frame, trace: trace === shown.trace };
        shown = null;
        store.set({
          held: null,
          ...(same.frame ? { frame: before.frame, data: before.data } : {}),
          ...(same.trace ? { trace: before.trace } : {}),
        });
      } else if (ENDS.some((name) => changed.has(name))) {
        const parameter = changed.has("sample") && held.layer !== null && !state.playing;
        later = parameter ? { ...held, value: state.heldValue, of: here() } : null;
        putBack();
      }
    } else if (later && (state.playing || later.of !== here())) later = null;
    // the working of the other sample has come
    else if (later && changed.has("trace") && trace?.verification && isOfSample(trace)) {
      const { id, index, value } = later;
      later = null;
      if (take(id, index)) to(value);
    }
  });

  return { take, to, putBack };
}

/** @typedef {ReturnType<typeof createHold>} Holding */
