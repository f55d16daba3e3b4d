/** The bar of training steps: play, step, go to a step, the read-outs. */

import { count, number, typedNumber } from "../core/format.js";
import { horizon } from "../core/history.js";
import { costVeiled } from "../core/veil.js";
import { scrubPath } from "../figures/scrub-curve.js";
import { SPEEDS } from "../server/player.js";
import { TEXT } from "../text/en.js";
import { button, disable, h, icon, panel, patch, s, set, windowIs, write } from "../ui/dom.js";
import { worded } from "./words.js";

const phone = windowIs("phone");

/** @param {Services} services */
export function mountTransport({ store, painter, session, player }) {
  const root = panel("transport");
  const { state } = store;
  const word = (/** @type {string} */ text) => h("span.word", text);

  const go = (/** @type {number} */ step) => {
    if (state.playing) player.pause();
    return session.go(step);
  };
  const by = (/** @type {number} */ steps) => {
    if (state.playing) player.pause();
    session.goBy(steps);
  };
  const start = button("start", icon("start"), () => go(0), {
    ...{ title: TEXT.transport.toStartKey, "aria-label": TEXT.transport.toStart },
  });
  const back = button("back", [icon("back"), word(TEXT.transport.step)], () => by(-1), {
    ...{ title: TEXT.transport.stepBackKey, "aria-label": TEXT.transport.stepBack },
  });
  const play = button("play.play", "", () => player.toggle(), {
    title: TEXT.transport.playOrPause,
  });
  const step = button("step", [word(TEXT.transport.step), icon("step")], () => by(1), {
    ...{ title: TEXT.transport.oneStepKey, "aria-label": TEXT.transport.oneStep },
  });

  const slider = h("input[type=range][min=0][max=100][step=1][value=0][data-control=step-slider]", {
    "aria-label": TEXT.transport.trainingStep,
  });
  const field = h("input.step-field[type=text][inputmode=numeric][data-control=step][size=7]", {
    "aria-label": TEXT.transport.goToStep,
  });
  const clocks = h("p.clocks.smaller.soft.unbroken", TEXT.transport.twoClocks);
  const known = h("span.known");
  const curves = [s("path.of-test"), s("path.of-train")];
  const box = { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" };
  const curve = s("svg.scrub-curve", box, curves);
  const progress = h("progress[max=1][value=0]");
  const progressText = h("span");
  const busy = h(
    "div.busy.side-by-side[role=status][hidden]",
    progress,
    progressText,
    button(
      "stop",
      TEXT.transport.stop,
      () => {
        session.cancel("step");
        store.set({ busy: null });
      },
      { title: TEXT.transport.stopComputing },
    ),
  );

  let wanted = 0;
  slider.addEventListener("input", () => {
    wanted = Number(slider.value);
    write(readouts.step, String(wanted));
    goToWanted();
  });
  // While dragging, the newest step is requested when the previous one is answered.
  let requesting = false;
  async function goToWanted() {
    if (state.playing) player.pause();
    if (requesting) return;
    requesting = true;
    for (let requested = -1; requested !== wanted; ) {
      requested = wanted;
      await session.go(requested);
    }
    requesting = false;
  }
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    const value = typedNumber(field.value.replace(/[\s,_]/g, ""));
    if (!Number.isInteger(value) || value < 0) return showProblem(TEXT.transport.wholeNumber);
    go(value);
    field.blur();
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("blur", () => {
    field.value = String(state.step);
    showProblem(null);
  });
  const said = h("p.problem.step-problem[id=step-problem][data-problem=step][role=status][hidden]");
  set(field, { "aria-describedby": said.id });
  function showProblem(/** @type {string | null} */ message) {
    const { step: _, ...others } = state.inputErrors;
    if (message || "step" in state.inputErrors)
      store.set({ inputErrors: message ? { ...others, step: message } : others });
  }

  const readout = (/** @type {string} */ name) => h("output", { "data-readout": name });
  const readouts = { step: readout("step"), epoch: readout("epoch") };
  const costs = { train: readout("cost-train"), test: readout("cost-test") };
  const train = accuracy("train", readout("accuracy-train"));
  const test = accuracy("test", readout("accuracy-test"));
  const speed = h("input[type=range][min=0][step=1][data-control=speed]", {
    max: String(SPEEDS.length - 1),
    value: String(state.speed),
    "aria-label": TEXT.transport.speed,
  });
  const speedText = h("span.speed-text.soft.fine.unbroken");
  speed.addEventListener("input", () => store.set({ speed: Number(speed.value) }));

  root.append(
    h("div.buttons", start, back, play, step),
    h("div.scrub", clocks, h("div.rail", curve, known, slider), busy),
    h("label.goto.soft.unbroken.side-by-side", h("span", TEXT.transport.toStep), field),
    h(
      "dl.numbers",
      pair(TEXT.transport.step, readouts.step),
      pair(TEXT.transport.epoch, readouts.epoch),
      pair(TEXT.transport.costTrain, costs.train, ...train.element),
      pair(TEXT.transport.test, costs.test, ...test.element),
    ),
    said,
    h("label.speed", h("span.visually-hidden", TEXT.transport.speedWord), speed, speedText),
  );

  painter.add("scrub-curve", 260, () => {
    const { history } = state;
    const hidden = !history || !state.frame || costVeiled(state);
    const end = horizon(history?.reached ?? 0);
    set(curves[0], { d: hidden ? "" : scrubPath(history, "cost_test", end) });
    set(curves[1], { d: hidden ? "" : scrubPath(history, "cost_train", end) });
    set(clocks, { hidden: (history?.reached ?? 0) > 0 }); // said until the first step
  });

  painter.add("transport", 0, () => {
    const { frame, history } = state;
    const ready = Boolean(frame);
    const next = state.playing ? "pause" : "play";
    const both = state.reference !== null && !phone.matches; // there it would need another row
    const go = both ? TEXT.twoRuns.trainBoth : TEXT.transport.play;
    const name = state.playing ? TEXT.transport.pause : go;
    set(play, { "data-action": next, "aria-label": name, disabled: !ready });
    if (play.textContent !== name) patch(play, icon(next), word(name));
    disable(start, !ready || state.step === 0);
    disable(back, !ready || state.step === 0);
    disable(step, !frame || Boolean(frame.diverged));
    const end = horizon(history?.reached ?? 0);
    set(slider, { max: end, "aria-valuetext": TEXT.transport.stepOf(state.step, end) });
    if (document.activeElement !== slider || state.playing || Number(slider.value) !== wanted)
      slider.value = String(state.step);
    known.style.backgroundSize = `${(100 * (history?.reached ?? 0)) / end}% 100%`;
    if (document.activeElement !== field) field.value = String(state.step);
    // Plain digits: what a script reads as a number.
    write(readouts.step, String(state.step));
    write(readouts.epoch, frame ? String(frame.epoch) : "0");
    const veiled = ready && costVeiled(state);
    const told = (/** @type {number | null | undefined} */ value) =>
      veiled ? "?" : frame ? cost(value) : "…";
    write(costs.train, told(frame?.cost.train));
    const untested = frame && !veiled && !state.data?.test.x.length;
    write(costs.test, untested ? "–" : told(frame?.cost.test));
    train.show(frame, veiled);
    test.show(frame, veiled);
    set(speed, { "aria-valuetext": SPEEDS[state.speed].text });
    if (speed.value !== String(state.speed)) speed.value = String(state.speed);
    write(
      speedText,
      state.playing && state.pace && SPEEDS[state.speed].period === 0
        ? TEXT.transport.pace(
            count(Math.round(state.pace.stepsPerSecond)),
            Math.round(state.pace.framesPerSecond),
          )
        : SPEEDS[state.speed].text,
    );
    const problem = state.inputErrors.step ?? state.problems.step;
    said.hidden = !problem;
    write(said, problem ?? "");
    set(field, { "aria-invalid": problem ? "true" : null });
    if (!state.busy && busy.contains(document.activeElement)) play.focus();
    busy.hidden = !state.busy;
    if (state.busy) {
      const { reached, target } = state.busy;
      progress.value = target ? reached / target : 0;
      write(progressText, TEXT.transport.computing(count(target), count(reached)));
    }
  });
}

/** @param {string} name @param {HTMLElement} value @param {HTMLElement[]} below */
const pair = (name, value, ...below) =>
  h("div", h("dt.soft.fine", worded(name)), h("dd", value), ...below);

/**
 * Below the cost of a part, where there are classes.
 * @param {"train" | "test"} part @param {HTMLElement} output
 */
function accuracy(part, output) {
  const name = [
    h("span.long", worded(TEXT.transport.accuracy)),
    h("span.short", worded(TEXT.transport.acc)),
    h("span.visually-hidden", ` ${TEXT.figures[part]}`),
  ];
  const element = [h("dt.accuracy", name), h("dd.accuracy", output)];
  return {
    element,
    /** @param {Frame | null} frame @param {boolean} veiled */
    show(frame, veiled) {
      const score = frame?.score?.name === "accuracy" ? frame.score[part] : null;
      for (const each of element) each.hidden = score === null;
      if (score !== null) write(output, veiled ? "?" : score.toFixed(3));
    },
  };
}

/** @param {number | null | undefined} value null: not finite */
const cost = (value) => (value === null || value === undefined ? "∞" : number(value));
