/**
 * What ails the network, in plain words, with the change to try; and otherwise what the colours
 * mean. A row of fixed height: nothing moves when an alarm comes or goes.
 */

import { number } from "../core/format.js";
import { label } from "../core/lines.js";
import { plan, remediesFor, suggested } from "../core/remedies.js";
import { gradientsVeiled } from "../core/veil.js";
import { scalesOf } from "../figures/network.js";
import { edgeQuantity, edgesOwner, shownEdges, shownNeurons } from "../state/shown.js";
import { h, slot, updateChildren } from "../ui/dom.js";
import { NAMES } from "./stage.js";

/**
 * @param {{store: import("../state/store.js").Store, painter: import("../state/paint.js").Painter,
 *   change: (recipe: any, now?: boolean) => void, branch: (edits: any[], at?: number) =>
 *   Promise<void>, restart: (recipe: any, at: number) => Promise<void>}} surroundings
 */
export function mountAlarms({ store, painter, change, branch, restart }) {
  const root = slot("alarms");
  let key = "";
  painter.add({
    name: "alarms",
    fields: ["frame", "catalog", "neurons", "edges", "line", "trace", "sample", "playing", "veil"],
    reads: ["experiment"],
    every: 300,
    draw(state) {
      const { frame, catalog, experiment } = state;
      if (!frame || !catalog) return;
      const asked = gradientsVeiled(state); // what ails a network is told by its gradients
      const alarms = asked ? [] : found(frame);
      const now = asked
        ? `asked|${JSON.stringify(scalesNow(state))}`
        : alarms.length
          ? [experiment.id, frame.step > 0, ...alarms.map((a) => a.text)].join("|")
          : legendKey(state);
      if (now === key) return; // a screen reader says again what is written again
      key = now;
      root.classList.toggle("alarming", alarms.length > 0);
      updateChildren(
        root,
        alarms.length
          ? alarm(alarms[0], alarms.length - 1, experiment.recipe, catalog)
          : legend(state, !asked),
      );
    },
  });

  function alarm({ kind, text, suggestion }, more, recipe, catalog) {
    const { history, frame } = store.state;
    const own = typeof suggestion === "object" ? suggested(suggestion, recipe, history) : null;
    const actions = {
      step: frame.step,
      branch,
      again: (changed, at) => (store.state.step > 0 ? restart(changed, at) : change(changed, true)),
    };
    const offers = own ? [own] : remediesFor(kind, recipe, catalog);
    return h(
      "div",
      { class: "alarm", "data-alarm": kind },
      h("span", { class: "alarm-mark", "aria-hidden": "true" }, "▲"),
      h(
        "p",
        { title: text },
        h("strong", {}, kind),
        ` ${text}`,
        more ? h("span", { class: "soft" }, ` and ${more} more`) : null,
      ),
      offers.map((offer) => {
        const { text: says, run } = plan(offer, actions);
        return h(
          "button",
          {
            type: "button",
            "data-action": "remedy",
            title: typeof suggestion === "string" ? suggestion : null,
            onclick: () => run(store.state.frame),
          },
          says,
        );
      }),
    );
  }
}

/** A run that diverged comes first. @param {import("../core/wire.js").Frame} frame */
export function found(frame) {
  const alarms = (frame.alarms ?? []).filter(({ kind }) => kind !== "diverged");
  return frame.diverged
    ? [
        { kind: "diverged", text: frame.diverged.text, suggestion: frame.diverged.suggestion },
        ...alarms,
      ]
    : alarms;
}

/**
 * What the colours of neurons mean: the variables that the line touches, else all; those of one
 * quantity together.
 * @param {import("../state/shown.js").Shown[]} layers
 * @param {number[]} scales
 */
function entriesOf(layers, scales) {
  const known = layers
    .map((own, layer) => ({ ...own, scale: scales[layer] }))
    .filter(({ id }) => id);
  const touched = known.filter(({ role }) => role === "reads" || role === "writes");
  const listed = touched.length ? touched : known.filter(({ id }) => id !== "x");
  return [...new Set(listed.map(({ quantity }) => quantity))].map((quantity) => {
    const own = listed.filter((each) => each.quantity === quantity);
    return {
      quantity,
      scale: own[0].scale,
      name: own.length === 1 ? label(own[0].id) : (NAMES[quantity] ?? quantity),
    };
  });
}

function scalesNow(state) {
  const layers = shownNeurons(state);
  const scales = scalesOf({ layers, edges: shownEdges(state).map((e) => e ?? { data: [] }) });
  return {
    neurons: entriesOf(layers, scales.neurons),
    edges: { quantity: edgeQuantity(state), scale: scales.edges },
  };
}

const legendKey = (state) =>
  JSON.stringify([scalesNow(state), state.sample === "batch", edgesOwner(state)]);

/** A neuron has one number also where the working has one for each sample. */
const whose = ({ sample }, quantity) =>
  sample !== "batch"
    ? ""
    : /^dC_d[az]$/.test(quantity)
      ? " summed over the batch"
      : /^([xaz]|target)$/.test(quantity)
        ? " mean of the batch"
        : "";

function legend(state, scaled) {
  const { neurons, edges } = scalesNow(state);
  const bar = (value) =>
    scaled &&
    h(
      "span",
      { class: "scale" },
      `−${number(value, 2)}`,
      h("span", { class: "scale-bar", "aria-hidden": "true" }),
      `+${number(value, 2)}`,
    );
  const ofNeurons = neurons.map(({ name, quantity, scale }) =>
    h("span", {}, h("span", { class: "math" }, name), whose(state, quantity), " ", bar(scale)),
  );
  return h(
    "div",
    { class: "caption" },
    h("span", { class: "caption-neurons" }, "neurons ", ofNeurons),
    h(
      "span",
      {},
      "edges ",
      h("span", { class: "math" }, NAMES[edges.quantity]),
      edges.quantity === "W" ? " " : ` of the ${edgesOwner(state)} `,
      bar(edges.scale),
    ),
  );
}
