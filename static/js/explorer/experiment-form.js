/** The fields of the experiment form, made from the catalog for one recipe. */
import { describeEdit, describeEdits } from "../core/edits.js";
import {
  find,
  withCost,
  withDataset,
  withInitializer,
  withOptimizer,
  withSchedule,
} from "../core/recipe.js";
import { asWords } from "../core/sentences.js";
import { TEXT } from "../text/en.js";
import { button, h, panel } from "../ui/dom.js";
import { checkbox, numberField, row, select } from "./fields.js";
import { layerRates, layerRows } from "./layers.js";

/** A short title ("β₁") if it has one, else its name; the whole title is the tooltip. */
const named = (/** @type {{name: string, title?: string}} */ { name, title }) =>
  title && title.length <= 10 && !/^[A-Z][a-z]/.test(title) ? title : asWords(name);

/**
 * @param {{state: Filled, form: Form, change: Changes["change"], ownData: OwnData, group: (name:
 *   import("../core/sentences.js").Group, title: string, ...children: Child[]) => HTMLElement,
 *   go: (step: number) => void, takeBack: (k: number) => void, note: HTMLElement}} parts group:
 *   makes a group of rows; go, takeBack: what the list of edits does; note: at the foot
 */
export function experimentForm({ state, form, change, ownData, group, go, takeBack, note }) {
  const { recipe, catalog, data } = state;
  const dataset = find(catalog.datasets, recipe.dataset.name);
  const optimizer = find(catalog.optimizers, recipe.optimizer.name);
  const schedule = find(catalog.schedules ?? [], recipe.optimizer.schedule?.name ?? "constant");
  const initializer = find(catalog.initializers, recipe.network.initializer);
  /** @param {string} prefix @param {Entry | undefined} entry */
  const numbers = (prefix, entry) =>
    (entry?.parameters ?? []).map((p) =>
      row(
        named(p),
        numberField(form, `${prefix}.${p.name}`, p),
        named(p).length > 9 ? "wide" : "half",
        { title: p.title },
      ),
    );
  const task = dataset?.task ?? data?.task;
  const costs = catalog.costs.filter((cost) => !cost.tasks || !task || cost.tasks.includes(task));
  const choose = (/** @type {string} */ name) =>
    ownData.entries().some((entry) => entry.name === name)
      ? ownData.choose(name)
      : change(withDataset(state.recipe, name, catalog), true);
  const choosing = (/** @type {typeof withCost} */ withEntry) => (/** @type {string} */ name) =>
    change(withEntry(state.recipe, name, catalog), true);
  /** @typedef {Parameters<typeof numberField>[2]} Bounds */
  /** @param {string} label @param {string} path @param {Bounds} bounds */
  const half = (label, path, bounds) => row(label, numberField(form, path, bounds), "half");
  /** @param {string} label @param {string} path @param {Entry[]} entries
   * @param {(name: string) => void} [choose] */
  const wide = (label, path, entries, choose) =>
    row(label, select(form, path, entries, choose), "wide");
  /** @param {string} part of the recipe */
  const seed = (part) =>
    half(TEXT.experiment.rows.seed, `${part}.seed`, { integer: true, minimum: 0 });
  const lambda = { minimum: 0, maximum: 100 };

  return h(
    "form.form[autocomplete=off]",
    { onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    editCount(recipe),
    group(
      "data",
      TEXT.experiment.data,
      wide(
        TEXT.experiment.rows.dataset,
        "dataset.name",
        [...ownData.entries(), ...catalog.datasets],
        choose,
      ),
      ownData.rows(),
      numbers("dataset", dataset),
      half(TEXT.experiment.testPart, "dataset.test_fraction", { minimum: 0, maximum: 0.9 }),
      seed("dataset"),
      row(TEXT.experiment.rows.standardise, checkbox(form, "dataset.standardize"), "check"),
    ),
    group(
      "network",
      TEXT.experiment.network,
      layerRows({ state, form, change, inputs: data?.features.length }),
      editsHere(recipe, /^activation/),
      wide(
        TEXT.experiment.rows.weights,
        "network.initializer",
        catalog.initializers,
        choosing(withInitializer),
      ),
      numbers("network", initializer),
      seed("network"),
      button(
        "reseed.small.reseed",
        TEXT.experiment.otherWeights,
        () => form.change("network.seed", (form.get("network.seed") ?? 0) + 1, true),
        { title: TEXT.experiment.otherWeightsTitle },
      ),
    ),
    group(
      "cost",
      TEXT.experiment.cost,
      wide(TEXT.experiment.rows.cost, "cost.name", costs, choosing(withCost)),
      wide(TEXT.experiment.scaledAs, "cost.reduction", catalog.reductions),
      half(TEXT.experiment.rows.l1, "penalty.l1", lambda),
      half(TEXT.experiment.rows.l2, "penalty.l2", lambda),
    ),
    group(
      "optimizer",
      TEXT.experiment.optimizer,
      wide(
        TEXT.experiment.rows.method,
        "optimizer.name",
        catalog.optimizers,
        choosing(withOptimizer),
      ),
      row(TEXT.core.learningRate, numberField(form, "optimizer.learning_rate"), "wide"),
      layerRates(form, recipe, change),
      editsHere(recipe, /^(learning_rate|optimizer)$/),
      numbers("optimizer", optimizer),
      catalog.schedules &&
        wide(
          TEXT.experiment.rows.schedule,
          "optimizer.schedule.name",
          catalog.schedules,
          choosing(withSchedule),
        ),
      numbers("optimizer.schedule", schedule),
    ),
    group(
      "batch",
      TEXT.experiment.batch,
      half(TEXT.experiment.rows.size, "batch.size", {
        ...{ integer: true, minimum: 1, empty: null },
        placeholder: TEXT.experiment.rows.wholeBatch,
      }),
      seed("batch"),
      row(TEXT.experiment.shuffle, checkbox(form, "batch.shuffle"), "check"),
    ),
    editList(recipe, { go, takeBack }),
    note,
  );
}

/**
 * Beside the fields: later changes of what they set for the start.
 * @param {Recipe} recipe @param {RegExp} about
 */
function editsHere({ edits = [] }, about) {
  const said = describeEdits(edits.filter(({ set }) => about.test(set)));
  const more = said.length > 2 ? TEXT.stage.andMore(said.length - 2) : "";
  const first = said.slice(0, 2).join("; ");
  return first ? h("p.later.soft[data-readout=later]", first + more) : null;
}

/** At the top of the form, because the list is at its foot. @param {Recipe} recipe */
function editCount({ edits = [] }) {
  if (!edits.length) return null;
  const show = () => {
    const list = panel("edits");
    list.scrollIntoView({ block: "nearest" });
    list.querySelector("button").focus({ preventScroll: true });
  };
  return button(
    "edits.edit-count",
    [TEXT.experiment.changesCount(edits.length), h("span[aria-hidden=true]", " ↓")],
    show,
  );
}

/**
 * @param {Recipe} recipe
 * @param {{go: (step: number) => void, takeBack: (k: number) => void}} actions
 */
function editList({ edits = [] }, { go, takeBack }) {
  if (!edits.length) return null;
  return h(
    "fieldset.group.edits[data-panel=edits]",
    h("legend", TEXT.experiment.changesOnTheWay),
    h(
      "ol",
      edits.map((edit, k) =>
        h(
          "li",
          h(
            "button.link",
            { title: TEXT.experiment.goToStep, onclick: () => go(edit.step) },
            TEXT.experiment.step(edit.step),
          ),
          h("span", describeEdit(edit)),
          button("edit-remove.small.remove", "×", () => takeBack(k), {
            "aria-label": TEXT.experiment.takeBackEdit(edit.step, describeEdit(edit)),
            title: TEXT.experiment.takeBack,
          }),
        ),
      ),
    ),
  );
}
