/**
 * Problems of the run in words, with a change to try; without a problem, what the colours mean. The
 * row has a fixed height, so that nothing moves when an alarm comes or goes.
 */

import { number } from "../core/format.js";
import { nameOf } from "../core/names.js";
import { plan, remediesFor, suggested } from "../core/remedies.js";
import { gradientsVeiled } from "../core/veil.js";
import { scalesOf } from "../figures/network.js";
import { edgeQuantity, edgesOwner, shownValues } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { button, h, patch, slot } from "../ui/dom.js";
import { symbolOf } from "./quantities.js";
import { worded } from "./words.js";

/** @typedef {Schemas["Suggestion"]} SmallerRate */
/** @typedef {{kind: string, text: string, suggestion: string | SmallerRate | null}} Problem */

/** @param {Services & Changes} services @param {Branching} branching */
export function mountAlarms({ store, painter, change }, { branch, restart }) {
  const root = slot("alarms");
  let chosen = 0; // which of several problems is shown
  painter.add("alarms", 300, (state) => {
    const { frame, catalog } = state;
    if (!frame || !catalog) return;
    const veiled = gradientsVeiled(state); // an alarm would tell about the gradients
    const problems = veiled || state.asking ? [] : problemsOf(frame);
    root.classList.toggle("alarming", problems.length > 0);
    patch(root, problems.length ? alarm(problems, state) : legend(state, !veiled));
  });
  store.on(["experiment"], () => {
    chosen = 0;
  });

  /** @param {Problem[]} problems @param {State} state */
  function alarm(problems, { history, frame, experiment, catalog }) {
    const { recipe } = experiment;
    const { kind, text, suggestion } = problems[chosen % problems.length];
    const offer = typeof suggestion === "object" ? suggested(suggestion, recipe, history) : null;
    const actions = {
      step: frame.step,
      branch,
      /** @param {Recipe} changed @param {number} at */
      restart: (changed, at) =>
        store.state.step > 0 ? restart(changed, at) : change(changed, true),
    };
    const offers = offer ? [offer] : catalog ? remediesFor(kind, recipe, catalog) : [];
    return h(
      "div.alarm.side-by-side",
      { "data-alarm": kind },
      h("span.alarm-sign[aria-hidden=true]", "▲"),
      h("p", { title: text }, h("strong", worded(kind)), " ", worded(text)),
      problems.length > 1 &&
        button(
          "next-alarm",
          TEXT.stage.andMore(problems.length - 1),
          () => {
            chosen += 1;
            painter.redraw("alarms");
          },
          { title: TEXT.stage.nextAlarm },
        ),
      offers.map((offer) => {
        const { text: says, run } = plan(offer, actions);
        return button("remedy", says, () => store.state.frame && run(store.state.frame), {
          title: typeof suggestion === "string" ? suggestion : null,
        });
      }),
    );
  }
}

/**
 * A run that diverged comes first, then a learning rate that explains what follows; its remedy is
 * that of its symptoms, too.
 * @param {Frame} frame @returns {Problem[]}
 */
export function problemsOf({ alarms = [], diverged }) {
  const known = alarms.filter(({ kind }) => kind !== "diverged");
  const { cause } = known.find((alarm) => alarm.cause) ?? {};
  return [
    ...(diverged ? [{ ...diverged, kind: "diverged" }] : []),
    ...(cause && !diverged ? [{ ...cause, kind: TEXT.core.learningRate }] : []),
    ...known.map((alarm) => ({
      ...alarm,
      suggestion: alarm.cause?.suggestion ?? alarm.suggestion,
    })),
  ];
}

/**
 * What the colours of neurons mean: the variables that the line touches, else all; those of one
 * quantity together.
 * @param {Shown[]} layers @param {number[]} scales
 */
function entriesOf(layers, scales) {
  const known = layers
    .map((shown, layer) => ({ ...shown, scale: scales[layer] }))
    .filter(({ variable }) => variable);
  const touched = known.filter(({ role }) => role === "reads" || role === "writes");
  const listed = touched.length ? touched : known.filter(({ quantity }) => quantity !== "x");
  return [...new Set(listed.map(({ quantity }) => quantity))].map((quantity) => {
    const entries = listed.filter((each) => each.quantity === quantity);
    return {
      quantity,
      scale: entries[0].scale,
      name:
        entries.length === 1 && entries[0].variable
          ? nameOf(entries[0].variable)
          : symbolOf(quantity),
    };
  });
}

function scalesNow(/** @type {State} */ state) {
  const values = shownValues(state);
  const { layers } = values;
  const scales = scalesOf(values);
  return {
    neurons: entriesOf(layers, scales.neurons),
    edges: { quantity: edgeQuantity(state), scale: scales.edges },
  };
}

/**
 * A neuron has one number also where the working has one for each sample.
 * @param {State} state @param {string} quantity
 */
const ofBatch = ({ sample }, quantity) =>
  sample !== "batch"
    ? ""
    : ["dC_da", "dC_dz"].includes(quantity)
      ? TEXT.stage.summedOverBatch
      : ["x", "a", "z", "target"].includes(quantity)
        ? TEXT.stage.meanOfBatch
        : "";

/** @param {State} state @param {boolean} scaled whether the largest values are shown */
function legend(state, scaled) {
  const { neurons, edges } = scalesNow(state);
  const bar = (/** @type {number} */ value) =>
    scaled &&
    h(
      "span.scale",
      `−${number(value, 2)}`,
      h("span.scale-bar[aria-hidden=true]"),
      `+${number(value, 2)}`,
    );
  const ofNeurons = neurons.map(({ name, quantity, scale }) =>
    h("span", h("span.math", name), ofBatch(state, quantity), " ", bar(scale)),
  );
  return h(
    "div.caption.soft.fine",
    h("span.caption-neurons", h("span.caption-word", TEXT.stage.neurons), ofNeurons),
    h(
      "span",
      TEXT.stage.edges,
      h("span.math", symbolOf(edges.quantity)),
      edges.quantity === "W" ? " " : h("span.caption-word", TEXT.stage.ofThe(edgesOwner(state))),
      bar(edges.scale),
    ),
  );
}
