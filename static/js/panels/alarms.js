/**
 * What ails the network, in plain words, with the change to try; and otherwise what the colours mean. A row of fixed
 * height: nothing moves when an alarm comes or goes.
 */
import { h, renew, slot } from "../dom.js";
import { scalesOf } from "../figures/network.js";
import { number } from "../format.js";
import { plan, remediesFor, suggested } from "../remedies.js";
import { gradientsVeiled } from "../veil.js";
import { NAMES, edgesOf, edgesOwner, shownQuantities } from "./stage.js";

/** @param {{store: import("../store.js").Store, painter: import("../paint.js").Painter, change: (recipe: any, now?: boolean) => void, branch: (edits: any[], at?: number) => Promise<void>, restart: (recipe: any, at: number) => Promise<void>}} surroundings */
export function mountAlarms({ store, painter, change, branch, restart }) {
  const root = slot("alarms");
  let key = "";
  painter.add({
    name: "alarms",
    fields: ["frame", "catalog", "neurons", "edges", "line", "trace", "sample", "playing", "veil"],
    every: 300,
    draw(state) {
      const { frame, catalog, experiment } = state;
      if (!frame || !catalog) return;
      const asked = gradientsVeiled(state); // what ails a network is told by its gradients
      const alarms = asked ? [] : found(frame);
      const now = asked ? `asked|${JSON.stringify(shownQuantities(state))}` : alarms.length ? [experiment.id, frame.step > 0, ...alarms.map((a) => a.text)].join("|") : legendKey(state);
      if (now === key) return; // a screen reader says again what is written again
      key = now;
      root.classList.toggle("alarming", alarms.length > 0);
      renew(root, alarms.length ? alarm(alarms[0], alarms.length - 1, experiment.experiment, catalog) : legend(state, !asked));
    },
  });

  function alarm({ kind, text, suggestion }, more, recipe, catalog) {
    const { history, frame } = store.state;
    const own = typeof suggestion === "object" ? suggested(suggestion, recipe, history) : null;
    const actions = { step: frame.step, branch, again: (changed, at) => (store.state.step > 0 ? restart(changed, at) : change(changed, true)) };
    const offers = own ? [own] : remediesFor(kind, recipe, catalog);
    return h(
      "div",
      { class: "alarm", "data-alarm": kind },
      h("span", { class: "alarm-mark", "aria-hidden": "true" }, "▲"),
      h("p", { title: text }, h("strong", {}, kind), ` ${text}`, more ? h("span", { class: "soft" }, ` and ${more} more`) : null),
      offers.map((offer) => {
        const { text: says, run } = plan(offer, actions);
        return h("button", { type: "button", "data-action": "remedy", title: typeof suggestion === "string" ? suggestion : null, onclick: () => run(store.state.frame) }, says);
      }),
    );
  }
}

/** A run that diverged comes first. @param {any} frame */
export function found(frame) {
  const alarms = (frame.alarms ?? []).filter(({ kind }) => kind !== "diverged");
  return frame.diverged ? [{ kind: "diverged", text: frame.diverged.text, suggestion: frame.diverged.suggestion }, ...alarms] : alarms;
}

function scalesNow(state) {
  const shown = shownQuantities(state);
  const { frame } = state;
  const gradient = shown.neurons.startsWith("dC");
  const scales = scalesOf({ layers: [], input: gradient ? [] : frame.input, neurons: frame.layers.map((l) => l.neurons?.[shown.neurons]), edges: edgesOf(state, shown.edges).map((e) => e ?? { data: [] }) });
  return { shown, scales };
}

const legendKey = (state) => JSON.stringify([scalesNow(state), state.sample === "batch", edgesOwner(state)]);

function legend(state, scaled) {
  const { shown, scales } = scalesNow(state);
  const whose = state.sample === "batch" ? (shown.neurons.startsWith("dC") ? "summed over the batch" : "mean of the batch") : "of the sample";
  const bar = (value) => scaled && h("span", { class: "scale" }, `−${number(value, 2)}`, h("span", { class: "scale-bar", "aria-hidden": "true" }), `+${number(value, 2)}`);
  return h(
    "div",
    { class: "caption" },
    h("span", {}, "neurons ", h("span", { class: "math" }, NAMES[shown.neurons]), ` ${whose} `, bar(scales.neurons)),
    h("span", {}, "edges ", h("span", { class: "math" }, NAMES[shown.edges]), shown.edges === "W" ? " " : ` of the ${edgesOwner(state)} `, bar(scales.edges)),
  );
}
