/** The dialog in which the lecturer asks: about the line on show, or anything else. */
import { named, nameOf } from "../core/names.js";
import { lineOf } from "../core/trace.js";
import { Problem } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { choice, h, write } from "../ui/dom.js";
import { options as menuOptions, textField } from "../ui/fields.js";
import { questionOf } from "./ask.js";

const OPTIONS = [0, 1, 2, 3];
const OF_ENTRY = ["sign", "number"];

/** @param {{state: Page, api: Api, ask: (question: QuestionRequest) => Promise<void>}} context */
export function createAskDialog({ state, api, ask }) {
  /** @type {import("./ask.js").Fields["kind"]} */
  let kind = "sign";
  const kinds = choice(
    TEXT.ask.kind,
    Object.entries(TEXT.ask.kinds).map(([value, text]) => ({ value, text })),
    (value) => {
      kind = /** @type {typeof kind} */ (value);
      draw();
    },
    { "data-control": "ask-kind" },
  );
  const about = h("p.soft", { "data-readout": "ask-about" });
  const said = h("p.problem", { role: "alert", "data-readout": "ask-said" });
  /** @param {string} id @param {string} text @param {Record<string, Attribute>} [more] */
  const field = (id, text, more = {}) => {
    const input = textField({ id, ...more });
    return { input, row: h("div.ask-row", h("label", { for: id }, text), input) };
  };
  const entry = field("ask-entry", TEXT.ask.entry);
  const link = field("ask-link", TEXT.ask.link);
  const prompt = h("textarea.paste", { id: "ask-prompt", rows: "2" });
  const promptRow = h("div.ask-row", h("label", { for: "ask-prompt" }, TEXT.ask.prompt), prompt);
  const options = OPTIONS.map((k) => {
    const right = h("input", {
      type: "radio",
      name: "ask-right",
      checked: k === 0,
      "aria-label": TEXT.ask.right(k + 1),
    });
    const text = textField({ "aria-label": TEXT.ask.option(k + 1), spellcheck: null });
    return { right, text, row: h("div.ask-option", right, text) };
  });
  const optionRows = h(
    "div.ask-options",
    options.map(({ row }) => row),
  );
  const own = h("input", { type: "checkbox", id: "ask-own" });
  const ownRow = h("p", own, " ", h("label", { for: "ask-own" }, TEXT.ask.own));
  const feedback = h(
    "select",
    { id: "ask-feedback" },
    menuOptions([
      ["reveal", TEXT.ask.reveal],
      ["at_once", TEXT.ask.once],
    ]),
  );
  const go = h("button.primary", { type: "submit", "data-action": "ask-go" }, TEXT.ask.go);
  const dialog = h(
    "dialog.ask-dialog",
    { "aria-labelledby": "ask-title" },
    h(
      "form",
      { novalidate: true, onsubmit: submit },
      h("h2", { id: "ask-title" }, TEXT.ask.title),
      kinds.element,
      about,
      entry.row,
      promptRow,
      optionRows,
      link.row,
      ownRow,
      h("p", h("label", { for: "ask-feedback" }, TEXT.ask.feedback), " ", feedback),
      said,
      h("div.ask-foot", h("button", { onclick: () => dialog.close() }, TEXT.ui.cancel), go),
    ),
  );
  document.body.append(dialog);

  const shownLine = () => lineOf(state.trace, state.line);
  const sample = () =>
    state.sample === "batch" ? TEXT.ask.wholeBatch : TEXT.ui.sampleNumber(state.sample);

  function draw() {
    kinds.show(kind);
    write(said, "");
    const ofLine = !["choice", "lesson"].includes(kind);
    about.hidden = !ofLine;
    if (ofLine)
      write(
        about,
        kind === "working"
          ? TEXT.ask.working(state.step, sample())
          : TEXT.ask.about(nameOf(shownLine() ?? named(state.line)), state.step, sample()),
      );
    const scalar = !shownLine()?.shape.length;
    entry.row.hidden = !OF_ENTRY.includes(kind) || scalar;
    entry.input.placeholder = kind === "sign" ? TEXT.ask.all : "";
    promptRow.hidden = kind !== "choice";
    optionRows.hidden = kind !== "choice";
    link.row.hidden = kind !== "lesson";
    ownRow.hidden = kind === "choice";
  }

  /** The name of a lesson's card. @param {string} lesson @param {number} card counted from 0 */
  async function cardName(lesson, card) {
    try {
      const found = await api.get(`/lessons/${encodeURIComponent(lesson)}`);
      return found.outline[card]?.name ?? null;
    } catch (error) {
      if (error instanceof Problem) return null;
      throw error;
    }
  }

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    const fields = {
      kind,
      own: own.checked && kind !== "choice",
      feedback: /** @type {import("./ask.js").Fields["feedback"]} */ (feedback.value),
      entry: entry.input.value,
      prompt: prompt.value,
      options: options.map(({ text }) => text.value),
      right: options.findIndex(({ right }) => right.checked),
      link: link.input.value,
    };
    const subject = {
      experiment: state.experiment?.id ?? "",
      step: state.step,
      sample: state.sample,
      line: state.line,
      convention: state.convention,
      reduction: state.reduction,
      scalar: !shownLine()?.shape.length,
    };
    go.setAttribute("aria-busy", "true");
    try {
      const found = await questionOf(fields, subject, cardName);
      if ("need" in found) return write(said, TEXT.ask.needs[found.need]);
      await ask(found.question);
      dialog.close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      write(said, error.reasons);
    } finally {
      go.removeAttribute("aria-busy");
    }
  }

  return {
    open() {
      if (!state.experiment || !state.trace || dialog.open) return;
      entry.input.value = state.entry ? state.entry.join(", ") : "";
      draw();
      dialog.showModal();
    },
  };
}
