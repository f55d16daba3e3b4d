/**
 * The experiment form, made from the catalog. It is built again when its structure changes (another
 * dataset, one layer more). Otherwise only its values change, so that a field in use is not
 * replaced.
 */

import { parameterOf } from "../core/activations.js";
import { withoutEdit } from "../core/edits.js";
import {
  find,
  get,
  put,
  withCost,
  withDataset,
  withInitializer,
  withOptimizer,
  withSchedule,
} from "../core/recipe.js";
import { asWords } from "../core/sentences.js";
import { TEXT } from "../text/en.js";
import { h, panel, set, write } from "../ui/dom.js";
import { editCount, editList, editsHere } from "./edit-list.js";
import { checkbox, display, numberField, row, select } from "./fields.js";
import { layerRates } from "./layer-rates.js";
import { activationField, layerRows } from "./layers.js";
import { createSettings } from "./settings.js";

/** @typedef {import("../state/store.js").State} State */
/** @typedef {import("../core/wire.js").Entry} Entry */

/**
 * A short title ("β₁") if it has one, else its name; the whole title is the tooltip.
 * @param {{name: string, title?: string}} parameter
 */
const named = ({ name, title }) =>
  title && title.length <= 10 && !/^[A-Z][a-z]/.test(title) ? title : asWords(name);

/**
 * @param {Pick<import("./services.js").Services, "store" | "painter" | "session" | "player"
 *   | "undo"> & Pick<import("./services.js").Changes, "change">} services
 * @param {import("./own-data.js").OwnData} ownData
 */
export function mountExperiment({ store, painter, session, player, undo, change }, ownData) {
  const root = panel("experiment");
  const { state } = store;
  const note = h("p", { class: "note", role: "status" });
  const settings = createSettings(root);
  let structure = "";

  /** @type {import("./fields.js").Form} */
  const form = {
    get: (path) => get(state.recipe, path),
    change: (path, value, now) => change(put(state.recipe, path, value), now),
    problem(path, message) {
      const { [path]: _, ...rest } = state.inputErrors;
      if (message || path in state.inputErrors)
        store.set({ inputErrors: message ? { ...rest, [path]: message } : rest });
    },
  };

  /** @param {State} state */
  const structureOf = ({ recipe, catalog, data }) =>
    JSON.stringify([
      recipe.dataset.name,
      ownData.entries().map(({ name }) => name),
      data?.task,
      recipe.network.layers.map(
        ({ activation }) => parameterOf(catalog.activations, activation)?.parameter.name,
      ),
      recipe.optimizer.name,
      recipe.optimizer.schedule?.name,
      recipe.optimizer.layer_factors?.length,
      recipe.network.initializer,
      catalog.datasets.length,
      data?.features.length,
      Boolean(recipe.network.weights),
      recipe.edits,
    ]);

  painter.add({
    name: "experiment",
    fields: ["recipe", "catalog", "problems", "inputErrors", "experiment", "pending", "data"],
    every: 0,
    draw() {
      if (!state.recipe || !state.catalog) return;
      const now = structureOf(state);
      const rebuilt = now !== structure;
      if (rebuilt) {
        keepFocus(build);
        structure = now;
      }
      for (const control of root.querySelectorAll("[data-field]")) {
        const path = control.dataset.field;
        display(
          control,
          activationField(state.recipe, path, state.catalog.activations) ??
            (path === "dataset.name" ? ownData.chosen() : undefined) ??
            get(state.recipe, path) ??
            fallback(path),
          !rebuilt && (path in state.problems || path in state.inputErrors),
        );
      }
      settings.draw(state);
      showProblems();
      ownData.draw();
      root.classList.toggle("pending", state.pending);
    },
  });

  /**
   * Build the form again, and move the focus to the control that replaces the focused one: the
   * same, else one of its kind, else the one at its position.
   * @param {() => void} rebuild
   */
  function keepFocus(rebuild) {
    /** @returns {HTMLInputElement[]} or buttons, menus, heads of groups */
    const controls = () => [...root.querySelectorAll("button, input, select, summary")];
    const before = controls();
    const at = before.indexOf(/** @type {HTMLInputElement} */ (document.activeElement));
    rebuild();
    if (at < 0) return;
    const focused = before[at];
    /** @param {HTMLElement[]} all */
    const alike = (all) =>
      all.filter(
        ({ dataset }) =>
          dataset.field === focused.dataset.field && dataset.action === focused.dataset.action,
      );
    const now = controls().filter((control) => !control.disabled && control.checkVisibility());
    const same = alike(now);
    (
      same[Math.min(alike(before).indexOf(focused), same.length - 1)] ??
      now[Math.min(at, now.length - 1)]
    )?.focus();
  }

  /** What the form shows for a field that the recipe leaves out. @param {string} path */
  const fallback = (path) => (path === "optimizer.schedule.name" ? "constant" : undefined);

  /** Beside the field that the problem names, else at the foot of the form. */
  function showProblems() {
    // the message about a step is in the bar of steps
    /** @type {Record<string, string>} */
    const left = { ...state.problems, ...state.inputErrors };
    delete left.step;
    for (const place of root.querySelectorAll("[data-problem]")) {
      const path = place.dataset.problem;
      const message = left[path];
      delete left[path];
      place.hidden = !message;
      write(place, message ?? "");
      const control = root.querySelector(`[data-field="${path}"]`);
      if (control) set(control, { "aria-invalid": message ? "true" : null });
    }
    const others = Object.entries(left).map(([path, message]) => `${path}: ${message}`);
    const { experiment } = state;
    const facts = experiment
      ? TEXT.experiment.sizes(
          experiment.parameters.toLocaleString("en-US"),
          experiment.steps_per_epoch,
        )
      : "";
    const said = others.length ? others : [facts, ...(experiment?.warnings ?? [])];
    write(note, said.join("\n"));
    note.classList.toggle("problem", others.length > 0);
  }

  function build() {
    const { recipe, catalog, data } = state;
    const dataset = find(catalog.datasets, recipe.dataset.name);
    const optimizer = find(catalog.optimizers, recipe.optimizer.name);
    const schedule = find(catalog.schedules ?? [], recipe.optimizer.schedule?.name ?? "constant");
    const initializer = find(catalog.initializers, recipe.network.initializer);
    /** @param {string} prefix @param {Entry | undefined} entry */
    const numbers = (prefix, entry) =>
      (entry?.parameters ?? []).map((p) =>
        row(named(p), numberField(form, `${prefix}.${p.name}`, p), `${prefix}.${p.name}`, {
          class: named(p).length > 9 ? "row wide" : "row half",
          title: p.title,
        }),
      );
    const task = dataset?.task ?? data?.task;
    const costs = catalog.costs.filter((cost) => !cost.tasks || !task || cost.tasks.includes(task));
    /** @param {string} name */
    const choose = (name) =>
      ownData.entries().some((entry) => entry.name === name)
        ? ownData.choose(name)
        : change(withDataset(state.recipe, name, catalog), true);
    const group = settings.begin();
    const seed = numberField(form, "network.seed", { integer: true, minimum: 0 });

    root.replaceChildren(
      h(
        "form",
        {
          class: "form",
          onsubmit: (/** @type {Event} */ event) => event.preventDefault(),
          autocomplete: "off",
        },
        editCount(recipe),
        group(
          "data",
          TEXT.experiment.data,
          row(
            "dataset",
            select(form, "dataset.name", [...ownData.entries(), ...catalog.datasets], choose),
            "dataset.name",
            { class: "row wide" },
          ),
          ownData.rows(),
          numbers("dataset", dataset),
          row(
            TEXT.experiment.testPart,
            numberField(form, "dataset.test_fraction", { minimum: 0, maximum: 0.9 }),
            "dataset.test_fraction",
            { class: "row half" },
          ),
          row(
            "seed",
            numberField(form, "dataset.seed", { integer: true, minimum: 0 }),
            "dataset.seed",
            { class: "row half" },
          ),
          row("standardise", checkbox(form, "dataset.standardize"), "dataset.standardize", {
            class: "row check",
          }),
        ),
        group(
          "network",
          TEXT.experiment.network,
          layerRows({ state, form, change, inputs: data?.features.length }),
          editsHere(recipe, /^activation/),
          row(
            "weights",
            select(form, "network.initializer", catalog.initializers, (name) =>
              change(withInitializer(state.recipe, name, catalog), true),
            ),
            "network.initializer",
            { class: "row wide" },
          ),
          numbers("network", initializer),
          row("seed", seed, "network.seed", { class: "row half" }),
          h(
            "button",
            {
              type: "button",
              class: "small reseed",
              "data-action": "reseed",
              title: TEXT.experiment.otherWeightsTitle,
              onclick: () => form.change("network.seed", (form.get("network.seed") ?? 0) + 1, true),
            },
            TEXT.experiment.otherWeights,
          ),
        ),
        group(
          "cost",
          TEXT.experiment.cost,
          row(
            "cost",
            select(form, "cost.name", costs, (name) =>
              change(withCost(state.recipe, name, catalog), true),
            ),
            "cost.name",
            { class: "row wide" },
          ),
          row(
            TEXT.experiment.scaledAs,
            select(form, "cost.reduction", catalog.reductions),
            "cost.reduction",
            {
              class: "row wide",
            },
          ),
          row("L1", numberField(form, "penalty.l1", { minimum: 0, maximum: 100 }), "penalty.l1", {
            class: "row half",
          }),
          row("L2", numberField(form, "penalty.l2", { minimum: 0, maximum: 100 }), "penalty.l2", {
            class: "row half",
          }),
        ),
        group(
          "optimizer",
          TEXT.experiment.optimizer,
          row(
            "method",
            select(form, "optimizer.name", catalog.optimizers, (name) =>
              change(withOptimizer(state.recipe, name, catalog), true),
            ),
            "optimizer.name",
            { class: "row wide" },
          ),
          row(
            TEXT.branch.learningRate,
            numberField(form, "optimizer.learning_rate"),
            "optimizer.learning_rate",
            { class: "row wide" },
          ),
          layerRates(form, recipe, change),
          editsHere(recipe, /^(learning_rate|optimizer)$/),
          numbers("optimizer", optimizer),
          catalog.schedules
            ? row(
                "schedule",
                select(form, "optimizer.schedule.name", catalog.schedules, (name) =>
                  change(withSchedule(state.recipe, name, catalog), true),
                ),
                "optimizer.schedule.name",
                { class: "row wide" },
              )
            : null,
          numbers("optimizer.schedule", schedule),
        ),
        group(
          "batch",
          TEXT.experiment.batch,
          row(
            "size",
            numberField(form, "batch.size", {
              integer: true,
              minimum: 1,
              empty: null,
              placeholder: "all",
            }),
            "batch.size",
            { class: "row half" },
          ),
          row(
            "seed",
            numberField(form, "batch.seed", { integer: true, minimum: 0 }),
            "batch.seed",
            { class: "row half" },
          ),
          row(TEXT.experiment.shuffle, checkbox(form, "batch.shuffle"), "batch.shuffle", {
            class: "row check",
          }),
        ),
        editList(recipe, { go, takeBack }),
        note,
      ),
    );

    /** @param {number} step */
    function go(step) {
      if (state.playing) player.pause();
      session.go(step);
    }

    /** At the same step: the run before the edit is the same. @param {number} k */
    function takeBack(k) {
      undo.remember();
      session.open(withoutEdit(state.recipe, k), state.step);
    }
  }
}
