/**
 * Playing: request a frame some steps ahead, draw it, repeat. While a frame is drawn the next one
 * is already requested, never more than that one, so that what is on screen is recent. "As fast as
 * it goes" uses the longest stride that still gives about 30 drawn frames a second.
 */
import { TEXT } from "../text/en.js";
import { isAbort } from "./api.js";

/**
 * @typedef {{text: string, period: number, stride: number | null}} Speed period: least ms between
 *   frames; stride null: adaptive
 */

/** @type {Speed[]} */
export const SPEEDS = [
  { text: TEXT.server.stepASecond, period: 1000, stride: 1 },
  { text: TEXT.server.stepsASecond4, period: 250, stride: 1 },
  { text: TEXT.server.stepsASecond12, period: 83, stride: 1 },
  { text: TEXT.server.stepAFrame, period: 0, stride: 1 },
  { text: TEXT.server.stepsAFrame10, period: 0, stride: 10 },
  { text: TEXT.server.stepsAFrame100, period: 0, stride: 100 },
  { text: TEXT.server.asFastAsItGoes, period: 0, stride: null },
];

// ms from drawing to drawing that still makes 25 a second, and what an answer may take at most
const LONGEST = 38;
const LIVE = "parameters,gradients,neurons,health";

/**
 * The next stride from how the last frames went. The server computes while we draw, so half of a
 * frame of its time costs nothing; more would take the browser's other processes their cores. Then,
 * or when frames get too long, the stride shrinks: at once to what would have fitted, where steps
 * that were there already are followed by ones that must be computed, but by no more than a single
 * slow answer is worth. Of an answer that is slow without any steps in it (a busy machine), fewer
 * steps would only make fewer steps.
 * @param {number} stride
 * @param {{frame: number, latency: number, base: number}} times ms from drawing to drawing, for an
 *   answer, and for one with a single step
 */
export function adapt(stride, { frame, latency, base }) {
  const budget = Math.max(LONGEST, 2 * base);
  const share = latency / budget;
  if (share > 0.6 || (frame > LONGEST && (latency - base) / budget > 0.25))
    return Math.max(1, Math.floor(stride * Math.min(0.85, Math.max(0.4, 0.5 / share))));
  if (share < 0.45) return Math.min(100000, Math.ceil(stride * (share < 0.3 ? 1.3 : 1.15)));
  return stride;
}

/**
 * How long the server takes for a step, its frame and its working. Measured by the browser's
 * network side: the time until our own code runs also contains our drawing.
 * @returns {() => number} ms, of the last answer
 */
export function watchLatency() {
  let [step, last] = ["", 0];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const found = /\/frames\/(\d+)(\/trace)?\?/.exec(entry.name);
      if (!found) continue;
      const { responseEnd, startTime } = /** @type {PerformanceResourceTiming} */ (entry);
      const spent = responseEnd - startTime;
      last = found[1] === step ? Math.max(last, spent) : spent;
      step = found[1];
    }
  }).observe({ type: "resource" });
  return () => last;
}

/**
 * @param {{store: import("../state/store.js").Store, session: import("./session.js").Session,
 *   painter: import("../state/paint.js").Painter, latency: () => number, now?: () => number,
 *   sleep?: (ms: number) => Promise<void>}} services
 */
export function createPlayer({
  store,
  session,
  painter,
  latency,
  now = () => performance.now(),
  sleep = (ms) => new Promise((r) => setTimeout(r, ms)),
}) {
  const { state } = store;
  let run = 0; // counts runs: an old loop that wakes up sees that it is over
  /** @type {AbortController | null} */
  let controller = null;
  /**
   * @type {import("../core/wire.js").Experiment | null} the one shown when another was requested
   */
  let before = null;
  let stride = 1;
  let usual = 33; // ms, running mean from drawing to drawing
  let base = 0; // ms, the quickest answer while the stride was still short
  /** @param {number} frame */
  const smooth = (frame) => (usual += (frame - usual) / 6);

  /**
   * @param {number} frame
   * @param {number} answer
   */
  function lengthen(frame, answer) {
    if (answer > 0 && (stride < 3 || base === 0)) base = base ? Math.min(base, answer) : answer;
    stride = adapt(stride, { frame: smooth(frame), latency: answer, base });
  }

  /** @param {number} mine number of this run @param {AbortSignal} signal */
  async function loop(mine, signal) {
    const last = { boundary: 0, curves: 0, drawn: now() };
    const paces = { steps: 0, frames: 0, since: now() };
    const speed = () => SPEEDS[state.speed];
    const step = () => speed().stride ?? stride;
    /** @param {number} from */
    const request = (from) => {
      const time = now();
      let include = LIVE;
      if (time - last.boundary > 90) [include, last.boundary] = [`${include},boundary,maps`, time];
      if (time - last.curves > 150) [include, last.curves] = [`${include},curves`, time];
      const promise = session.fetchStep(from + step(), include, signal);
      promise.catch(() => {}); // an error is handled where the frame is awaited
      return promise;
    };
    let next = request(state.step);
    while (run === mine) {
      let [frame, trace] = await next;
      if (run !== mine) return;
      const ended = frame.diverged || frame.step <= state.step;
      if (!ended) next = request(frame.step);
      const rest = speed().period - (now() - last.drawn);
      if (rest > 4) await sleep(rest);
      // another line or sample has been chosen since it was requested
      while (run === mine && !session.hasShown(trace))
        [frame, trace] = await session.fetchStep(frame.step, LIVE, signal);
      if (run !== mine) return;
      paces.steps += frame.step - state.step;
      paces.frames += 1;
      session.showStep(frame, trace);
      await painter.drawn();
      const time = now();
      if (speed().stride === null) lengthen(time - last.drawn, latency());
      last.drawn = time;
      if (time - paces.since > 500) {
        const seconds = (time - paces.since) / 1000;
        store.set({
          pace: { stepsPerSecond: paces.steps / seconds, framesPerSecond: paces.frames / seconds },
        });
        Object.assign(paces, { steps: 0, frames: 0, since: time });
      }
      if (ended) return pause();
    }
  }

  /** Frame after frame from the step on screen, until it is halted. */
  async function begin() {
    const mine = ++run;
    [stride, base] = [1, 0];
    controller = new AbortController();
    try {
      await loop(mine, controller.signal);
    } catch (error) {
      if (isAbort(error) || run !== mine) return;
      pause();
      store.set({
        failure: { kind: "error", text: String(error instanceof Error && error.message) },
      });
    }
  }

  /** At once: what is on screen stays, what is on its way is dropped. */
  function halt() {
    run += 1;
    controller?.abort();
  }

  function stop() {
    halt();
    session.cancel("trace");
    store.set({ playing: false, pace: null });
  }

  function play() {
    if (state.playing || !state.experiment) return;
    store.set({ playing: true, pace: null });
    if (state.pending) return; // it begins with what comes
    session.cancel("frame");
    return begin();
  }

  /** Then the full frame and its proof; those of an experiment that is on its way come with it. */
  function pause() {
    if (!state.playing) return;
    stop();
    if (!state.pending) return session.go(state.step);
  }

  // While another experiment is on its way nothing of the old one is drawn any more. Playing goes
  // on with the new one;
  // if the server refuses it, the old one stays where it is.
  store.on(["pending"], () => {
    if (state.pending) {
      before = state.experiment;
      halt();
    } else if (state.playing && state.experiment === before) stop();
    else if (state.playing) begin();
  });

  return { play, pause, toggle: () => (state.playing ? pause() : play()) };
}

/** @typedef {ReturnType<typeof createPlayer>} Player */
