/**
 * A card's question: the control of its kind, the mark of an answer, a hint, and then the answer on
 * request. The server gives the answer after a try, so the last try is kept.
 */
import { TEXT } from "../text/en.js";
import { button, h, set, write } from "../ui/dom.js";
import { controlOf, questionForm } from "./controls.js";
import { inline, rich } from "./rich.js";

const count = (/** @type {number} */ tries) => (tries ? TEXT.lesson.tries(tries) : "");

/** @typedef {{after: RichText | null, reasons: RichText[] | null}} Explained */

/**
 * @param {Question} question @param {string} name of the form's fields
 * @param {{kept: Partial<Kept>, solutions: Lesson["solutions"], mark: (answer: Answer) =>
 *   Promise<AnswerMark | Refusal | null>, solve: (tried: Answer | null) => Promise<Solution |
 *   Refusal | null>, hint: (number: number) => Promise<Hint | Refusal | null>,
 *   keep: (change: Partial<Kept>) => void, settled: () => void, onward: () => void,
 *   again: () => void, titleOf: (misconception: string) => string | undefined}} context
 *   mark, solve, hint: null if the request was cancelled or failed; settled: the question
 *   is answered or its answer shown; again: ask it again
 */
export function createQuestion(
  question,
  name,
  { kept, solutions, mark, solve, hint: askHint, keep, settled, onward, again, titleOf },
) {
  const stored = kept.answer ?? null;
  let { tries = 0, hint: hinted = false } = kept;
  // Without its answer a question is asked again: the cards after it need a right one.
  let result = stored === null ? null : (kept.result ?? null);
  /** How many hints have been shown. */
  let hints = 0;
  let busy = false;
  let asking = false;
  let tried = result ? null : stored;
  const control = controlOf(question, { name, onChange: changed });
  const prompt = h("div.prompt", { id: `${name}-prompt` }, rich(question.prompt));
  const check = h("button.primary[type=submit][data-action=check-answer]", TEXT.lesson.check);
  const help = button("hint.quiet", TEXT.lesson.hint, () =>
    hints < question.hints ? hint() : show(),
  );
  const triesText = h("span.soft.tries.at-end.smaller[data-readout=tries]");
  const hintBox = h("div.hint-text[role=status]");
  const feedback = h("div.feedback[role=status][data-readout=mark]");
  const on = button("go-on.primary", TEXT.lesson.goOn, onward);
  // below the explanation, which is read first
  const onRow = h("div.ask.side-by-side.wraps[hidden]", on);
  const element = questionForm(
    question.kind,
    name,
    submit,
    prompt,
    control.element,
    h("div.ask.side-by-side.wraps", check, help, triesText),
    hintBox,
    feedback,
    onRow,
    "shape" in question && question.shape.length
      ? h("p.soft.smaller.counting", TEXT.lesson.counting)
      : null,
  );
  write(triesText, count(tries));
  if (hinted) hint(false);
  if (!question.hints) offerAnswer();
  if (result && stored !== null) restore(stored);

  /**
   * @param {"problem" | "wrong" | "close" | "right" | "shown"} kind @param {string} head
   * @param {RichText} [paragraphs] @param {HTMLElement[]} [more]
   */
  function say(kind, head, paragraphs = [], more = []) {
    feedback.dataset.kind = kind;
    const verdict = head ? [h("p.verdict", head)] : [];
    feedback.replaceChildren(...verdict, ...rich(paragraphs), ...more);
  }

  function changed() {
    control.clear();
    if (feedback.dataset.kind === "problem") feedback.replaceChildren();
  }

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    if (busy || result) return;
    const read = control.read();
    if ("problem" in read) {
      say("problem", read.problem);
      control.focus(read.at);
      return;
    }
    busy = true;
    set(check, { "aria-busy": "true" });
    const answer = await mark(read.value);
    busy = false;
    set(check, { "aria-busy": null });
    if (!answer || !element.isConnected) return;
    if ("refused" in answer) {
      say("problem", TEXT.lesson.cannotBeRead(answer.refused));
      control.focus();
      return;
    }
    tries += 1;
    tried = read.value;
    write(triesText, count(tries));
    if (answer.close) {
      keep({ tries, answer: tried });
      say("close", "", answer.message);
      control.focus();
      feedback.scrollIntoView({ block: "nearest" });
      return;
    }
    control.mark(answer);
    if (!answer.right) {
      keep({ tries, answer: tried, mistake: answer.misconception });
      const title = answer.misconception ? titleOf(answer.misconception) : null;
      say("wrong", title ? TEXT.lesson.notYetLikely(title) : TEXT.lesson.notYet, answer.message);
      control.focus();
      feedback.scrollIntoView({ block: "nearest" });
      return;
    }
    result = hinted ? "hint" : "alone";
    keep({ tries, result, answer: read.value });
    right(answer);
    settle();
    toExplanation();
  }

  /** Bring the explanation and the button below it into view; of a long one its beginning. */
  function toExplanation() {
    on.focus({ preventScroll: true });
    onRow.scrollIntoView({ block: "nearest" });
    feedback.scrollIntoView({ block: "nearest" });
  }

  /** @param {AnswerMark} answer */
  const right = (answer) => say("right", TEXT.lesson.right, answer.message, after(answer));

  /** The text after the question, and why the other options are wrong. @param {Explained} answer */
  function after({ after, reasons }) {
    const text = after?.length ? [h("div.after", rich(after))] : [];
    if (!reasons || !("options" in question)) return text;
    const read = control.read();
    const others = question.options.flatMap((option, k) =>
      "value" in read && k === read.value
        ? []
        : [h("dt", inline(option)), h("dd.soft", rich(reasons[k]))],
    );
    const fold = h("details.folded", h("summary", TEXT.lesson.otherOptions), h("dl", others));
    return [...text, fold];
  }

  async function hint(told = true) {
    if (asking) return;
    asking = true;
    const answer = await askHint(hints + 1);
    asking = false;
    if (!answer || !element.isConnected) return;
    if ("refused" in answer) return say("problem", answer.refused);
    hintBox.append(h("p.verdict", TEXT.lesson.hint), ...rich(answer.hint));
    hints += 1;
    if (hints < question.hints) write(help, TEXT.lesson.secondHint);
    else offerAnswer();
    if (told) hintBox.scrollIntoView({ block: "nearest" });
    if (hinted || !told) return;
    hinted = true;
    keep({ hint: true });
  }

  /** The button shows the answer from now on, where the server gives it. */
  function offerAnswer() {
    write(help, TEXT.lesson.showAnswer);
    help.hidden = solutions === "never";
  }

  async function show() {
    if (busy) return;
    if (solutions === "after_try" && tried === null) {
      say("problem", TEXT.lesson.tryFirst);
      control.focus();
      return;
    }
    busy = true;
    const answer = await solve(tried);
    busy = false;
    if (!answer || !element.isConnected) return;
    if ("refused" in answer) return say("problem", TEXT.lesson.notShown(answer.refused));
    result = "shown";
    keep({ tries, result, answer: answer.answer });
    shown(answer);
    toExplanation();
  }

  function shown(/** @type {Omit<Solution, "cards">} */ answer) {
    control.clear();
    control.fill(answer.answer);
    control.mark({ right: true, entries: null });
    say("shown", TEXT.lesson.theAnswer, answer.message, after(answer));
    settle();
  }

  /**
   * Show a card that is done as it was left, with its answer `before`; ask it again if that is no
   * longer right, because the lesson was changed.
   */
  async function restore(/** @type {Answer} */ before) {
    settle();
    // The explanation comes above the button, which would move away from under the pointer.
    onRow.hidden = true;
    const answer = await mark(before);
    onRow.hidden = false;
    if (!answer) return;
    if ("refused" in answer || !answer.right) {
      keep({ result: null });
      return again();
    }
    if (result === "shown") return shown({ ...answer, after: answer.after ?? [], answer: before });
    control.fill(before);
    control.mark(answer);
    right(answer);
  }

  function settle() {
    control.lock();
    element.dataset.result = result ?? "";
    check.hidden = true;
    help.hidden = true;
    onRow.hidden = false;
    settled();
  }

  return { element, focus: () => control.focus() };
}
