/** The dialog in which the lecturer asks: about the line on show, or anything else. */
import { named, nameOf } from "../core/names.js";
import { lineOf } from "../core/trace.js";
import { Problem } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { choice, h, write } from "../ui/dom.js";
import { menu, options as menuOptions, textField } from "../ui/fields.js";
import { letter } from "./answers.js";
import { questionOf } from "./ask.js";

const OPTIONS = [0, 1, 2, 3, 4, 5, 6, 7];
const FIRST = 4; // options; there is one more when all are filled
const WORDS = ["choice", "text"];
const OF_ENTRY = ["sign", "number"];

/** @param {{state: Page, api: Api, ask: (question: QuestionRequest) => Promise<void>}} context */
export function createAskDialog({ state, api, ask }) {
  /** @type {AskFields["kind"]} */
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
  const about = h("p.soft[data-readout=ask-about]");
  const said = h("p.problem[role=alert][data-readout=ask-said]");
  /** @param {string} id @param {string} text @param {Record<string, Attribute>} [more] */
  const field = (id, text, more = {}) => {
    const input = textField({ id, ...more });
    return { input, row: h("div.ask-row", h("label", { for: id }, text), input) };
  };
  const entry = field("ask-entry", TEXT.ask.entry);
  const seed = field("ask-seed", TEXT.ask.seed, { value: "1" });
  const lesson = menu([], listCards, { id: "ask-lesson" });
  const card = menu([], () => {}, { id: "ask-card" });
  const cardRows = h(
    "div.ask-row",
    h("label[for=ask-lesson]", TEXT.ask.lesson),
    lesson,
    h("label[for=ask-card]", TEXT.ask.card),
    card,
    seed.row,
  );
  const prompt = h("textarea.paste[id=ask-prompt][rows=3]");
  const promptRow = h("div.ask-row", h("label[for=ask-prompt]", TEXT.ask.prompt), prompt);
  const options = OPTIONS.map((k) => {
    const right = h("input[type=radio][name=ask-right]", {
      checked: k === 0,
      "aria-label": TEXT.ask.right(letter(k)),
    });
    const text = textField({
      "aria-label": TEXT.ask.option(letter(k)),
      spellcheck: null,
      oninput: drawOptions,
    });
    const why = textField({
      "aria-label": TEXT.ask.reason(letter(k)),
      placeholder: TEXT.ask.why,
      spellcheck: null,
    });
    return { right, text, why, row: h("div.ask-option", right, letter(k), text, why) };
  });
  const optionRows = h(
    "div.ask-options",
    options.map(({ row }) => row),
  );
  const personal = h("input[type=checkbox][id=ask-own]");
  const personalRow = h("p", personal, " ", h("label[for=ask-own]", TEXT.ask.personal));
  const feedback = h(
    "select[id=ask-feedback]",
    menuOptions([
      ["reveal", TEXT.ask.reveal],
      ["at_once", TEXT.ask.once],
    ]),
  );
  const go = h("button.primary[type=submit][data-action=ask-go]", TEXT.ask.go);
  const dialog = h(
    "dialog.ask-dialog[aria-labelledby=ask-title]",
    h(
      "form[novalidate]",
      { onsubmit: submit },
      h("h2[id=ask-title]", TEXT.ask.title),
      kinds.element,
      about,
      entry.row,
      promptRow,
      optionRows,
      cardRows,
      personalRow,
      h("p", h("label[for=ask-feedback]", TEXT.ask.feedback), " ", feedback),
      said,
      h("div.ask-foot", h("button", { onclick: () => dialog.close() }, TEXT.ui.cancel), go),
    ),
  );
  document.body.append(dialog);

  function drawOptions() {
    const filled = options.findLastIndex(({ text }) => text.value);
    for (const [k, { row }] of options.entries()) row.hidden = k >= FIRST && k > filled + 1;
  }

  const shownLine = () => lineOf(state.trace, state.line);
  const sample = () =>
    state.sample === "batch" ? TEXT.ask.wholeBatch : TEXT.ui.sampleNumber(state.sample);

  function draw() {
    kinds.show(kind);
    write(said, "");
    const ofLine = !["choice", "text", "lesson"].includes(kind);
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
    promptRow.hidden = !WORDS.includes(kind);
    optionRows.hidden = kind !== "choice";
    drawOptions();
    cardRows.hidden = kind !== "lesson";
    personalRow.hidden = WORDS.includes(kind);
    if (kind === "lesson" && !lesson.options.length) listLessons();
  }

  async function listLessons() {
    const { lessons } = await api.get("/lessons");
    lesson.replaceChildren(...menuOptions(lessons));
    await listCards(lesson.value);
  }

  /** The cards that ask something. @param {string} name */
  async function listCards(name) {
    const { outline } = await api.get(`/lessons/${encodeURIComponent(name)}`);
    const asking = outline.filter((/** @type {Schemas["CardHead"]} */ { asks }) => asks);
    if (lesson.value === name) card.replaceChildren(...menuOptions(asking));
  }

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    const fields = {
      kind,
      personal: personal.checked && !WORDS.includes(kind),
      feedback: /** @type {AskFields["feedback"]} */ (feedback.value),
      entry: entry.input.value,
      prompt: prompt.value,
      options: options.map(({ text }) => text.value),
      reasons: options.map(({ why }) => why.value),
      right: options.findIndex(({ right }) => right.checked),
      lesson: lesson.value,
      card: card.value,
      seed: seed.input.value,
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
      const read = questionOf(fields, subject);
      if ("need" in read) return write(said, TEXT.ask.needs[read.need]);
      await ask(read.question);
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
      personal.checked = false; // it does not stay from the question before
      entry.input.value = state.entry ? state.entry.join(", ") : "";
      draw();
      dialog.showModal();
    },
  };
}
