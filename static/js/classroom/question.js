/** A question of the class on a student's page: the control of its kind, and what becomes of it. */
import { CONTROLS, questionForm } from "../lessons/controls.js";
import { inline, rich } from "../lessons/rich.js";
import { Problem } from "../server/api.js";
import { parse } from "../server/checks.js";
import { TEXT } from "../text/en.js";
import { h, set, write } from "../ui/dom.js";
import { pasteField, typedAnswer } from "../ui/fields.js";
import { letter } from "./answers.js";

/** @type {Record<string, any>} any: the controls of lessons have no types yet */
const KINDS = { ...CONTROLS, working: wholeWorking, text: freeText };

/**
 * An answer in words.
 * @param {{most: number}} question @param {{name: string, onChange: () => void}} context
 */
function freeText({ most }, { name, onChange }) {
  const id = `${name}-words`;
  const text = h("textarea.paste[rows=3]", { id, maxlength: most, oninput: onChange });
  const label = h("label.field-label.soft.smaller", { for: id }, TEXT.student.words);
  return { ...typedAnswer(text, TEXT.student.words), element: h("div.values", label, text) };
}

/**
 * @param {StudentQuestion} question
 * @param {{send: (answer: unknown) => Promise<RoomMark | null>, draft: (string | boolean |
 *   null)[] | null, keep: (fields: (string | boolean | null)[]) => void,
 *   titleOf: (misconception: string) => string | undefined}} actions send: resolves when the answer
 *   is kept, with the mark if it is told; draft: what was typed before a reload, field by field
 */
export function createRoomQuestion(question, { send, draft, keep, titleOf }) {
  const { number, shown } = question;
  const name = `class-question-${number}`;
  const control = KINDS[shown.kind](shown, { name, onChange: changed });
  const button = h(
    "button.primary[type=submit][data-action=send-answer]",
    question.attempt ? TEXT.student.sendAgain : TEXT.student.send,
  );
  const feedback = h("div.feedback[role=status][data-readout=answer]");
  const solution = h("div.solution[data-readout=solution]");
  const counts = h("p.soft[data-readout=class-counts]");
  const timer = h("span.timer[data-readout=time-left]");
  const prompt = h("div.prompt", { id: `${name}-prompt` }, rich(shown.prompt));
  const element = questionForm(
    shown.kind,
    name,
    submit,
    h("p.question-number.soft", TEXT.student.question(number), timer),
    question.text.length > 0 && h("div.card", rich(question.text)),
    prompt,
    control.element,
    h("div.ask.side-by-side.wraps", button),
    feedback,
    solution,
    counts,
  );
  let busy = false;
  let sent = question.answer;

  /** @param {string} kind @param {string} head @param {(Node | string)[]} [more] */
  function say(kind, head, more = []) {
    feedback.dataset.kind = kind;
    feedback.replaceChildren(h("p.verdict", head), ...more);
  }

  function told(/** @type {RoomMark | null} */ mark) {
    const taken = shown.kind === "text" ? TEXT.student.collected : TEXT.student.sent;
    if (!mark || mark.verdict === "unmarked") return say("sent", taken);
    control.mark(mark);
    const title = mark.misconception ? titleOf(mark.misconception) : undefined;
    const likely = title ? [h("p.mistake-title", title)] : [];
    say(mark.right ? "right" : mark.verdict, TEXT.student.marks[mark.verdict], [
      ...likely,
      ...rich(mark.message),
    ]);
  }

  function changed() {
    control.clear();
    if (feedback.dataset.kind === "problem") feedback.replaceChildren();
    keep(fields().map(typedIn));
  }

  /** @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLButtonElement)[]} what is filled in */
  const fields = () => [...control.element.querySelectorAll("input, textarea, [aria-pressed]")];

  /** What was typed, also where the answer is not whole yet. */
  function restore(/** @type {(string | boolean | null)[]} */ kept) {
    const all = fields();
    if (all.length !== kept.length) return;
    all.forEach((field, k) => {
      if (field instanceof HTMLButtonElement) kept[k] && field.click();
      else if ("checked" in field && field.type === "radio") field.checked = Boolean(kept[k]);
      else field.value = String(kept[k] ?? "");
    });
  }

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    set(button, { "aria-busy": "true" });
    try {
      const read = await control.read();
      if ("problem" in read) {
        say("problem", read.problem);
        control.focus(read.at);
        return;
      }
      say("sent", TEXT.student.unsent);
      const mark = await send(read.value);
      sent = read.value;
      told(mark);
      write(button, TEXT.student.sendAgain);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 409) return say("problem", TEXT.student.late);
      say("problem", TEXT.student.unreadable(error.reasons));
    } finally {
      busy = false;
      set(button, { "aria-busy": null });
    }
  }

  function fill(/** @type {unknown} */ answer) {
    try {
      control.fill(answer);
    } catch {
      // an answer of a script need not have the form of this control
    }
  }

  if (question.answer !== null) fill(question.answer);
  if (draft && question.state === "open") restore(draft);
  if (question.answer !== null) told(question.mark);

  return {
    element,
    number,
    /** Take over what has become of the question. @param {StudentQuestion} now */
    update(now) {
      const before = element.dataset.state;
      element.dataset.state = now.state;
      if (now.state !== "open") write(timer, "");
      if (now.state === "open") {
        button.hidden = false;
        return;
      }
      control.lock();
      button.hidden = true;
      if (now.answer !== null) {
        if (now.answer !== sent) fill(now.answer);
        sent = now.answer;
      }
      if (now.state === "closed") {
        if (now.answer === null) say("closed", `${TEXT.student.closed} ${TEXT.student.unanswered}`);
        else if (now.mark) told(now.mark);
        else say("sent", `${TEXT.student.closed} ${TEXT.student.sent}`);
        return;
      }
      if (now.mark) told(now.mark);
      else say("closed", TEXT.student.unanswered);
      // Who looks at the question sees what became of the answer.
      if (before && before !== now.state && element.getBoundingClientRect().bottom > 0)
        feedback.scrollIntoView({ block: "nearest" });
      if (!now.solution || solution.childElementCount) return;
      solution.replaceChildren(
        h("h2", TEXT.student.solution),
        now.mark?.right ? "" : rightAnswer(shown, now.solution, `${name}-right`),
        ...(now.mark?.right ? [] : rich(now.solution.message)),
        ...rich(now.solution.after),
        reasonsOf(shown, now.solution),
      );
    },
    /** @param {number | null} left seconds */
    time: (left) => write(timer, left === null ? "" : ` · ${TEXT.student.timeLeft(left)}`),
    count(/** @type {Counts | null} */ tally) {
      write(counts, tally ? TEXT.student.class(tally) : "");
    },
  };
}

/**
 * The right answer, filled in and marked.
 * @param {NonNullable<StudentQuestion["shown"]>} shown @param {Schemas["RoomSolution"]} solution
 * @param {string} name of its fields
 */
export function rightAnswer(shown, { answer }, name) {
  const { element, fill, lock, mark } = KINDS[shown.kind](shown, { name, onChange() {} });
  fill(answer);
  lock();
  mark({ right: true, entries: null });
  if (element.getAttribute("role") === "radiogroup")
    set(element, { "aria-label": TEXT.student.solution, "aria-labelledby": null });
  return element;
}

/**
 * Why each option is right or wrong.
 * @param {StudentQuestion["shown"]} shown @param {Schemas["RoomSolution"]} solution
 */
export function reasonsOf(shown, { answer, reasons }) {
  if (shown?.kind !== "choice" || !reasons?.some((why) => why.length)) return "";
  return h(
    "ul.reasons",
    reasons.map((why, k) =>
      h(
        "li",
        { "data-mark": k === answer ? "right" : "wrong" },
        h("strong", letter(k)),
        " ",
        inline(shown.options[k]),
        why.length > 0 && h("span.soft", inline(why)),
      ),
    ),
  );
}

function typedIn(/** @type {HTMLInputElement | HTMLTextAreaElement | HTMLButtonElement} */ field) {
  if (field instanceof HTMLButtonElement) return field.ariaPressed === "true";
  return field.type === "radio" && "checked" in field ? field.checked : field.value;
}

/** @typedef {ReturnType<typeof createRoomQuestion>} RoomQuestion */

/** @param {{lines: string[]}} question @param {{name: string, onChange: () => void}} context */
function wholeWorking({ lines }, { name, onChange }) {
  const text = pasteField({
    ...{ id: `${name}-lines`, rows: "7" },
    placeholder: "z1 = [0.1 0.2]\na1 = [0.52 0.55]",
    oninput: onChange,
  });
  const label = h("label.field-label.soft.smaller", { for: text.id }, TEXT.student.paste);
  return {
    ...typedAnswer(text, TEXT.student.nothingNamed),
    element: h("div.values", label, text),
    /** @returns {Promise<{value: Record<string, Nested>} | {problem: string}>} */
    async read() {
      if (!text.value.trim()) return { problem: TEXT.student.nothingNamed };
      const { arrays, unread } = await parse(text.value);
      if (unread.length) return { problem: unread[0].message };
      /** @type {[string, Nested][]} */
      const named = arrays.flatMap(({ as, value }) =>
        as && lines.includes(as) ? [[as, value]] : [],
      );
      return named.length
        ? { value: Object.fromEntries(named) }
        : { problem: TEXT.student.nothingNamed };
    },
    fill(/** @type {Record<string, Nested>} */ answer) {
      text.value = Object.entries(answer)
        .map(([id, value]) => `${id} = ${JSON.stringify(value).replace(/,/g, ", ")}`)
        .join("\n");
    },
  };
}
