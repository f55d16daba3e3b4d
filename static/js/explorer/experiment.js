/**
 * The experiment form, made from the catalog. It is built again when its structure changes (another
 * dataset, one layer more). Otherwise only its values change, so that a field in use is not
 * replaced.
 */
import { parameterOf } from "../core/activations.js";
import { withoutEdit } from "../core/edits.js";
import { count } from "../core/format.js";
import { get, put } from "../core/recipe.js";
import { sentences } from "../core/sentences.js";
import { isFilled } from "../state/store.js";
import { TEXT } from "../text/en.js";
import { h, panel, set, windowIs, write } from "../ui/dom.js";
import { experimentForm } from "./experiment-form.js";
import { display } from "./fields.js";
import { activationField } from "./layers.js";

/** @param {Services & Changes} services @param {OwnData} ownData */
export function mountExperiment({ store, painter, session, player, undo, change }, ownData) {
  const root = panel("experiment");
  const { state } = store;
  const note = h("p.note[role=status]");
  const settings = createSettings(root);
  let structure = "";
  // A focused field whose text has changed sends a change event when it is taken away.
  let building = false;

  /** @type {Form} */
  const form = {
    get: (path) => get(state.recipe, path),
    change(path, value, now) {
      if (!building && state.recipe) change(put(state.recipe, path, value), now);
    },
    problem(path, message) {
      if (building) return;
      const { [path]: _, ...rest } = state.inputErrors;
      if (message || path in state.inputErrors)
        store.set({ inputErrors: message ? { ...rest, [path]: message } : rest });
    },
  };

  const structureOf = (/** @type {Filled} */ { recipe, catalog, data }) =>
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

  painter.add("experiment", 0, () => {
    if (!isFilled(state)) return;
    const now = structureOf(state);
    const rebuilt = now !== structure;
    if (rebuilt) {
      building = true;
      keepFocus(() => build(state));
      building = false;
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
  });

  /**
   * Build the form again, and move the focus to the control that replaces the focused one: the
   * same, else one of its kind, else the one at its position.
   */
  function keepFocus(/** @type {() => void} */ rebuild) {
    /** @returns {HTMLInputElement[]} or buttons, menus, heads of groups */
    const controls = () => [...root.querySelectorAll("button, input, select, summary")];
    const before = controls();
    const at = before.indexOf(/** @type {HTMLInputElement} */ (document.activeElement));
    rebuild();
    if (at < 0) return;
    const focused = before[at];
    const alike = (/** @type {HTMLElement[]} */ all) =>
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
      ? TEXT.experiment.sizes(count(experiment.parameters), experiment.steps_per_epoch)
      : "";
    const said = others.length ? others : [facts, ...(experiment?.warnings ?? [])];
    write(note, said.join("\n"));
    note.classList.toggle("problem", others.length > 0);
  }

  const build = (/** @type {Filled} */ filled) => {
    const group = settings.begin();
    root.replaceChildren(
      experimentForm({ state: filled, form, change, ownData, group, go, takeBack, note }),
    );
  };

  function go(/** @type {number} */ step) {
    if (state.playing) player.pause();
    session.go(step);
  }

  /** At the same step: the run before the edit is the same. @param {number} k */
  function takeBack(k) {
    if (!state.recipe) return;
    undo.remember();
    session.open(withoutEdit(state.recipe, k), state.step);
  }
}

/** @typedef {import("../core/sentences.js").Group} Group */

const beside = windowIs("wide");

/** @param {HTMLElement} root of the form */
export function createSettings(root) {
  /** @type {Group | null} */
  let opened = null;
  /** @type {Partial<Record<Group, HTMLElement>>} */
  let said = {};

  /** @param {boolean} focus put the focus on what opens the group again */
  function close(focus) {
    const open = root.querySelector("details.group[open]");
    if (!open) return;
    open.removeAttribute("open");
    if (focus) open.querySelector("summary")?.focus();
  }
  const overFigure = () => beside.matches && !document.body.classList.contains("lesson-page");

  document.addEventListener("pointerdown", ({ target }) => {
    const inside = target instanceof Element && target.closest(".experiment, dialog, [popover]");
    // what cannot be stays in sight
    const problem = root.querySelector("details.group[open] .problem:not([hidden])");
    if (opened && !inside && !problem && overFigure()) close(false);
  });
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !opened || !overFigure()) return;
    event.stopPropagation();
    close(true);
  });

  /** @param {Group} name @param {string} title @param {Child[]} children */
  function group(name, title, ...children) {
    const sentence = h("span.group-said.soft.fine.shortened");
    said[name] = sentence;
    return h(
      "details.group[name=settings]",
      {
        "data-group": name,
        open: opened === name,
        ontoggle: (/** @type {Event} */ { target }) => {
          const details = /** @type {HTMLDetailsElement} */ (target);
          if (details.open) opened = name;
          else if (opened === name && details.isConnected) opened = null;
        },
      },
      h("summary", h("strong", title), sentence),
      h("div.group-body[role=group]", { "aria-label": title }, children),
    );
  }

  return {
    /** The form is built again. @returns {typeof group} */
    begin() {
      said = {};
      // A group may be open whose toggle event has not come yet.
      const open = root.querySelector("details.group[open]");
      opened = /** @type {Group | undefined} */ (open?.getAttribute("data-group")) ?? null;
      return group;
    },
    draw(/** @type {Filled} */ { recipe, catalog, data }) {
      for (const [name, text] of Object.entries(sentences(recipe, catalog, data))) {
        const place = said[/** @type {Group} */ (name)];
        if (place) write(place, text);
      }
    },
  };
}
