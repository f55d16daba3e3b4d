/** The network builder: one row per layer. */

import { baseName, outOfBounds, parameterOf, withParameter } from "../core/activations.js";
import { addLayer, put, removeLayer, withLayerFactors } from "../core/recipe.js";
import { TEXT } from "../text/en.js";
import { button, h } from "../ui/dom.js";
import { numberField, row, select } from "./fields.js";
import { worded } from "./words.js";

/**
 * @param {{state: Filled, form: Form, inputs: number | undefined} & Pick<Changes, "change">} parts
 * @returns {HTMLElement}
 */
export function layerRows({ state, form, change, inputs }) {
  const { recipe, catalog } = state;
  const { layers } = recipe.network;
  const limits = catalog.limits ?? {};
  const last = layers.length - 1;
  const rows = layers.map((_, i) => (i === last ? outputRow(i) : hiddenRow(i)));
  return h(
    "div.layers",
    h(
      "div.layer.input",
      h("span.layer-name.soft.unbroken", worded(TEXT.figures.input)),
      h("span.layer-size", inputs === undefined ? "…" : String(inputs)),
      h("span.soft", TEXT.experiment.features(inputs)),
    ),
    rows.slice(0, -1),
    button(
      "layer-add.small.add-layer",
      TEXT.experiment.oneLayerMore,
      () => change(addLayer(state.recipe), true),
      { disabled: layers.length >= (limits.max_layers ?? 24) },
    ),
    rows.at(-1),
  );

  /** @param {HTMLElement} control @param {string} name */
  function bare(control, name) {
    const labelled = row(name, control, "bare");
    labelled.querySelector("label")?.classList.add("visually-hidden");
    return labelled;
  }

  function activationOf(/** @type {number} */ i) {
    const path = `network.layers.${i}.activation`;
    // softmax belongs to outputs: elsewhere it is not offered
    const entries = catalog.activations.filter(({ name }) => i === last || name !== "softmax");
    return bare(select(form, path, entries), TEXT.experiment.activationOf(i + 1));
  }

  /** The slope of leaky ReLU, α of ELU; null for other activations. @param {number} i */
  function parameterRow(i) {
    const path = `network.layers.${i}.activation`;
    const typed = parameterOf(catalog.activations, form.get(path) ?? "");
    if (!typed) return null;
    const { parameter } = typed;
    const field = `${path}.${parameter.name}`;
    /** @type {Form} */
    const named = {
      ...form,
      change(_, value, now) {
        const number = Number(value);
        const wrong = outOfBounds(parameter, number);
        if (wrong) return form.problem(field, wrong);
        form.change(path, withParameter(catalog.activations, form.get(path), number), now);
      },
    };
    const control = numberField(named, field, { minimum: parameter.min, maximum: parameter.max });
    return row(parameter.name, control, "half", { title: parameter.title });
  }

  function hiddenRow(/** @type {number} */ i) {
    const path = `network.layers.${i}.units`;
    const by = (/** @type {number} */ amount) => {
      const units = Math.max(1, Math.min(limits.max_units ?? 512, (form.get(path) ?? 1) + amount));
      change(put(put(state.recipe, path, units), "network.weights", null), true);
    };
    const units = numberField(form, path, { integer: true, minimum: 1, maximum: limits.max_units });
    return h(
      "div.layer",
      h("span.layer-name.soft.unbroken", worded(TEXT.core.layer(i + 1))),
      h(
        "div.units",
        button("units-fewer.small", "−", () => by(-1), {
          "aria-label": TEXT.experiment.unitFewer(i + 1),
        }),
        bare(units, TEXT.experiment.unitsOf(i + 1)),
        button("units-more.small", "+", () => by(1), {
          "aria-label": TEXT.experiment.unitMore(i + 1),
        }),
      ),
      activationOf(i),
      button("layer-remove.small.remove", "×", () => change(removeLayer(state.recipe, i), true), {
        "aria-label": TEXT.experiment.removeLayer(i + 1),
        title: TEXT.experiment.removeLayer(i + 1),
      }),
      parameterRow(i),
    );
  }

  function outputRow(/** @type {number} */ i) {
    const path = `network.layers.${i}.units`;
    const units = numberField(form, path, { integer: true, minimum: 1 });
    units.readOnly = true;
    units.title = TEXT.experiment.asManyAsData;
    return h(
      "div.layer.output",
      h("span.layer-name.soft.unbroken", worded(TEXT.figures.output)),
      h("div.units", bare(units, TEXT.experiment.unitsOfOutput)),
      activationOf(i),
      parameterRow(i),
    );
  }
}

/**
 * What the form shows for an activation: its name, or its parameter; undefined for other fields.
 * @param {Recipe} recipe @param {string} path @param {Entry[]} activations
 */
export function activationField(recipe, path, activations) {
  const [, index, parameter] = /^network\.layers\.(\d+)\.activation(?:\.(\w+))?$/.exec(path) ?? [];
  const name = index === undefined ? undefined : recipe.network.layers[Number(index)]?.activation;
  if (!name) return undefined;
  return parameter ? parameterOf(activations, name)?.value : baseName(name);
}

/**
 * A factor of the learning rate for each layer.
 * @param {Form} form @param {Recipe} recipe @param {(recipe: Recipe, now: boolean) => void} change
 */
export function layerRates(form, recipe, change) {
  const factors = recipe.optimizer.layer_factors;
  const box = h("input[type=checkbox]", {
    "data-field": "optimizer.layer_factors",
    checked: Boolean(factors),
    onchange: () => change(withLayerFactors(recipe, box.checked), true),
  });
  return [
    row(TEXT.experiment.ratePerLayer, box, "check"),
    ...(factors ?? []).map((/** @type {number} */ _, /** @type {number} */ k) =>
      row(
        TEXT.experiment.factorOfLayer(k + 1),
        numberField(form, `optimizer.layer_factors.${k}`, { minimum: 0 }),
        "half",
      ),
    ),
  ];
}
