/**
 * Settings: proposed as the numbers tell them, with the reason; taken with one press, or changed.
 */
import { baseName, outOfBounds, parameterOf, withParameter } from "../core/activations.js";
import { typedNumber } from "../core/format.js";
import { TEXT } from "../text/en.js";
import { button, h, slot } from "../ui/dom.js";
import { menu as menuOf, numberField } from "../ui/fields.js";
import { rateOf } from "./givens.js";
import { numberSetting, penaltyRow, setting } from "./penalty.js";

/**
 * The activation of each layer, those that were never chosen included.
 * @param {Work} work @param {number} depth
 */
export const activationsOf = (work, depth) =>
  Array.from({ length: depth }, (_, k) => work.activations[k] ?? "");

/** @typedef {NonNullable<Check["settings"]>} Found */

/** @param {Work} work @param {(name: string) => void} onChange told which field was changed here */
export function createSettings(work, onChange) {
  let shown = "";
  /** @type {Found | null} */
  let found = null;

  /** @template {keyof Work} K @param {K} name @returns {(value: Work[K]) => void} */
  const setTo = (name) => (value) => {
    work[name] = value;
    // the givens are no longer the experiment's
    if (["activations", "cost", "penalty"].includes(name)) work.from = "";
    onChange(name);
  };

  /** @param {number} depth @param {Catalog} catalog */
  function activationMenus(depth, catalog) {
    const all = () => activationsOf(work, depth);
    // what is chosen now, which may be later than what is drawn
    const choose = (/** @type {number} */ k) => (/** @type {string} */ name) =>
      setTo("activations")(all().with(k, name));
    return all().flatMap((name, k) => [
      menu(TEXT.core.layer(k + 1), catalog.activations, baseName(name), choose(k), {
        "data-field": `activation.${k}`,
        "data-found": found?.activations[k] ?? "",
      }),
      name ? parameterField(k, name, catalog.activations, choose(k)) : [],
    ]);
  }

  /** @param {"cost" | "reduction" | "convention"} name @param {string} title
   * @param {Entry[]} entries */
  const part = (name, title, entries) =>
    menu(title, entries, work[name], setTo(name), {
      ...{ "data-field": name, "data-found": found?.[name] ?? "" },
    });

  /**
   * The slope of leaky ReLU, α of ELU; nothing for other activations.
   * @param {number} k layer @param {string} name @param {Entry[]} entries
   * @param {(name: string) => void} choose
   */
  function parameterField(k, name, entries, choose) {
    const found = parameterOf(entries, name);
    if (!found) return [];
    const { parameter, value } = found;
    const attributes = { "data-field": `activation.${k}.${parameter.name}` };
    return numberSetting(parameter.name, parameter.title, String(value), attributes, (text) => {
      const typed = typedNumber(text);
      const wrong = outOfBounds(parameter, typed);
      if (!wrong) choose(withParameter(entries, name, typed));
      return wrong;
    });
  }

  function rateField() {
    const wrong = Number.isNaN(rateOf(work));
    const field = numberField({
      value: work.rate,
      placeholder: TEXT.check.none,
      "data-field": "rate",
      size: "6",
      "aria-invalid": wrong ? "true" : null,
      "aria-describedby": "rate-problem",
      onchange: () => setTo("rate")(field.value),
    });
    const problem = h(
      "span.problem[id=rate-problem][data-problem=rate][role=status]",
      { hidden: !wrong },
      TEXT.experiment.numberNeeded,
    );
    return [setting(TEXT.core.learningRate, field, TEXT.check.forUpdate), problem];
  }

  /** All found settings become chosen ones. */
  function take() {
    if (!found) return;
    const { activations, cost, reduction, convention } = found;
    Object.assign(work, { activations: [...activations], cost, reduction, convention });
    onChange("all");
  }

  function findAgain() {
    Object.assign(work, { activations: [], cost: "", reduction: "", convention: "", from: "" });
    onChange("all");
  }

  /** Why these settings are proposed, and the press that takes them. @param {boolean} anything */
  function proposal(anything) {
    const chosen = [work.cost, work.reduction, work.convention, ...work.activations].some(Boolean);
    const open =
      !work.cost || !work.reduction || !work.convention || work.activations.some((name) => !name);
    return h(
      "div.proposal.side-by-side.wraps[data-readout=proposal]",
      h(
        "p",
        h("strong", found && open ? `${TEXT.check.proposed}. ` : ""),
        found ? (open ? found.reason : TEXT.check.taken) : anything ? TEXT.check.noSettings : "",
      ),
      found && open && press("take-settings", "primary", TEXT.check.take, take),
      chosen && press("find-settings", "quiet", TEXT.check.findAgain, findAgain),
    );
  }

  /**
   * @param {Found | null} settings found in the numbers
   * @param {Catalog} catalog @param {boolean} anything was read
   */
  function show(settings, catalog, anything) {
    found = settings;
    const depth = settings?.activations.length ?? Math.max(1, work.activations.length);
    const { text: _, readAs: __, from: ___, ...chosen } = work;
    const key = JSON.stringify([settings, anything, depth, chosen]);
    if (key === shown) return;
    shown = key;
    const focused = document.activeElement?.getAttribute("data-field");
    const conventions = catalog.conventions.map((entry) => ({ ...entry, title: entry.name }));
    slot("settings").replaceChildren(
      proposal(anything),
      h(
        "div.settings-row.side-by-side.wraps[role=group]",
        { "aria-label": TEXT.check.activations },
        h("span.tag", TEXT.stage.activation),
        activationMenus(depth, catalog),
      ),
      h(
        "div.settings-row.side-by-side.wraps[role=group]",
        { "aria-label": TEXT.check.costAndConvention },
        part("cost", TEXT.check.cost, catalog.costs),
        part("reduction", TEXT.check.reducedBy, catalog.reductions),
        part("convention", TEXT.check.convention, conventions),
        rateField(),
      ),
      penaltyRow(() => work.penalty, setTo("penalty")),
    );
    if (focused) slot("settings").querySelector(`[data-field="${focused}"]`)?.focus();
  }

  return { show };
}

/** @param {string} action @param {string} style @param {string} text @param {() => void} onclick */
const press = (action, style, text, onclick) => button(action, text, onclick, { class: style });

/**
 * A menu whose first entry is what was found in the numbers.
 * @param {string} title @param {Entry[]} entries @param {string} value "" for what is found
 * @param {(value: string) => void} change @param {Record<string, Attribute>} attributes
 */
function menu(title, entries, value, change, attributes) {
  const found = attributes["data-found"];
  const name = entries.find((entry) => entry.name === found)?.title ?? found;
  /** @type {[string, string]} */
  const open = ["", name ? TEXT.check.found(String(name)) : TEXT.check.toBeFound];
  return setting(title, menuOf([open, ...entries], change, attributes, value));
}
