/**
 * Playing: request some steps, draw one after another, repeat. While they are drawn the next ones
 * are already requested, never more than those, so that what is on screen is recent. Steps come
 * several in one answer, because a request costs the browser and the server more processor time
 * than a frame. "As fast as it goes" uses the longest stride that still gives about 30 drawn frames
 * a second.
 */
import { TEXT } from "../text/en.js";

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
const ONCE = "boundary,maps,curves"; // slower panels have them from one frame of each answer
const TOGETHER = 5; // steps of an answer, a twelfth of a second

/**
 * The next stride from how the last frames went. The server computes while we draw, so half of a
 * frame of its time costs nothing; more would take the browser's other processes their cores. Then,
 * or when frames get too long, the stride shrinks: at once to what would have fitted, where steps
 * that were there already are followed by ones that must be computed, but by no more than a single
 * slow answer is worth. Of an answer that is slow without any steps in it (a busy machine), fewer
 * steps would only make fewer steps.
 * @param {number} stride
 * @param {{frame: number, latency: number, base: number}} times ms from drawing to drawing, for a
 *   frame of an answer, and for one where the stride is 1
 */
export function adapt(stride, { frame, latency, base }) {
  const budget = Math.max(LONGEST, 2 * base);
  const fraction = latency / budget;
  if (fraction > 0.6 || (frame > LONGEST && (latency - base) / budget > 0.25))
    return Math.max(1, Math.floor(stride * Math.min(0.85, Math.max(0.4, 0.5 / fraction))));
  if (fraction < 0.45) return Math.min(100000, Math.ceil(stride * (fraction < 0.3 ? 1.7 : 1.15)));
  return stride;
}

/**
 * How long the server takes for an answer with steps. Measured by the browser's network side: the
 * time until our code runs also contains our drawing.
 * @returns {() => number} ms, of the last answer
 */
export function watchLatency() {
  let last = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!/\/experiments\/\w+\/steps\?/.test(entry.name)) continue;
      const { responseEnd, startTime } = /** @type {PerformanceResourceTiming} */ (entry);
      last = responseEnd - startTime;
    }
  }).observe({ type: "resource" });
  return () => last;
}

/**
 * @param {{store: Store, session: Session, painter: Painter, latency: () => number, now?: () =>
 *   number, sleep?: (ms: number) => Promise<void>}} services
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
  /** @type {Experiment | null} the one shown when another was requested */
  let before = null;
  let stride = 1;
  let usual = 33; // ms from drawing to drawing, running mean over answers
  let base = 0; // ms a frame, the quickest answer while the stride was still short
  const smooth = (/** @type {number} */ frame) => (usual += (frame - usual) / 2);

  /** @param {number} frame @param {number} answer */
  function lengthen(frame, answer) {
    if (answer > 0 && (stride < 3 || base === 0)) base = base ? Math.min(base, answer) : answer;
    stride = adapt(stride, { frame: smooth(frame), latency: answer, base });
  }

  /** Frame after frame from the step on screen, until it is halted. */
  async function begin() {
    const mine = ++run;
    [stride, base] = [1, 0];
    let drawn = now();
    const paces = { steps: 0, frames: 0, since: drawn };
    /** @param {number} from @param {number} [count] */
    const request = (from, count = TOGETHER) => {
      const { speed } = state;
      const { period } = SPEEDS[speed];
      const every = SPEEDS[speed].stride ?? stride;
      const which = { first: from + every, every, count: period ? 1 : count };
      return { speed, answer: session.fetchSteps("play", { ...which, include: LIVE, once: ONCE }) };
    };
    // the first one alone: it is there sooner
    let next = request(state.step, 1);
    let frameTime = 0; // ms, mean of the last answer's steps
    while (run === mine) {
      const { speed, answer } = next;
      const steps = await answer;
      if (run !== mine) return;
      if (!steps) {
        const { problems } = state; // why it was refused
        await pause();
        return store.set({ problems });
      }
      const { period, stride: fixed } = SPEEDS[speed];
      if (fixed === null && frameTime) lengthen(frameTime, latency() / steps.length);
      const { diverged, step: last } = steps[steps.length - 1].frame;
      const ended = Boolean(diverged) || last <= state.step;
      if (!ended) next = request(last);
      const began = drawn;
      let shown = 0;
      for (const step of steps) {
        const rest = period - (now() - drawn);
        if (rest > 4) await sleep(rest);
        if (run !== mine) return;
        // another line, sample or speed has been chosen since they were requested
        if (speed !== state.speed || !session.hasShown(step.working)) break;
        paces.steps += step.frame.step - state.step;
        paces.frames += 1;
        session.show(step);
        await painter.drawn();
        if (run !== mine) return;
        drawn = now();
        shown += 1;
        tellPace(paces, drawn);
      }
      if (shown < steps.length) next = request(state.step, 1);
      else if (ended) return pause();
      else frameTime = (drawn - began) / shown;
    }
  }

  /** @param {{steps: number, frames: number, since: number}} paces @param {number} time */
  function tellPace(paces, time) {
    if (time - paces.since <= 500) return;
    const seconds = (time - paces.since) / 1000;
    store.set({
      pace: { stepsPerSecond: paces.steps / seconds, framesPerSecond: paces.frames / seconds },
    });
    Object.assign(paces, { steps: 0, frames: 0, since: time });
  }

  /** At once: what is on screen stays, what is on its way is dropped. */
  function halt() {
    run += 1;
    session.cancel("play");
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
    session.cancel("step");
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
