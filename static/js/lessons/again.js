/**
 * At the end of a lesson, three old cards: from lessons that are finished, first those that were
 * wrong or needed help, then those of long ago. Each is asked anew, with its numbers.
 */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { createQuestion } from "./question.js";
import { rich } from "./rich.js";
import { withSeed } from "./seed.js";
import { createServer } from "./server.js";

const MOST = 3;
const DAY = 864e5; // ms

/** @typedef {{lesson: string, card: string, kept: Kept}} Old */

/** Days since 1970. */
export const today = () => Math.floor(Date.now() / DAY);

/**
 * The cards to ask again, the most needed first; none that was asked today.
 * @param {{name: string, questions: number}[]} lessons @param {string} but the name of the lesson
 * @param {(name: string) => Record<string, Kept>} kept of a lesson by card @param {number} day
 * @returns {Old[]}
 */
export function oldCards(lessons, but, kept, day) {
  /** @param {Kept} card */
  const needed = ({ result, tries, mistake }) =>
    Number(result !== "alone" || tries > 1 || Boolean(mistake));
  return lessons
    .filter(({ name }) => name !== but)
    .flatMap(({ name, questions }) => {
      const done = Object.entries(kept(name)).filter(([, card]) => card.result !== null);
      if (!done.length || done.length < questions) return [];
      return done.map(([card, record]) => ({ lesson: name, card, kept: record }));
    })
    .filter((old) => old.kept.day !== day)
    .sort((p, q) => needed(q.kept) - needed(p.kept) || (p.kept.day ?? 0) - (q.kept.day ?? 0))
    .slice(0, MOST);
}

/**
 * @param {Old[]} old
 * @param {{api: Api, session: Session, progress: import("./progress.js").Progress, seed: string,
 *   titleOf: (misconception: string) => string | undefined}} services
 * @returns {Promise<HTMLElement[]>} a fold for each card that can be asked
 */
export async function askAgain(old, { api, session, progress, seed, titleOf }) {
  const asked = old.map(async ({ lesson: name, card: wanted, kept }, number) => {
    const server = createServer(api, name, seed);
    const answers = Object.fromEntries(
      Object.entries(progress.of(name, seed).cards)
        .filter(([, { answer }]) => answer !== null)
        .map(([card, { answer }]) => [card, answer]),
    );
    const lesson = await session.ask(`again-${number}`, (signal) => server.lesson(answers, signal));
    if (!lesson || "refused" in lesson) return [];
    const at = lesson.cards.findIndex(({ name }) => name === wanted);
    const card = lesson.cards[at];
    if (!card?.question) return [];
    const before = lesson.cards.slice(0, at + 1).flatMap(({ text }) => text);
    const numbers = before.filter((pieces) => pieces.some((piece) => piece.kind === "block"));
    /** @template T @param {(signal: AbortSignal) => Promise<T>} run */
    const ask = (run) => session.ask("answer", run);
    const question = createQuestion(card.question, `again-${number}`, {
      kept: {},
      solutions: lesson.solutions,
      mark: (answer) => ask((signal) => server.mark(wanted, answer, signal)),
      solve: (tried) => ask((signal) => server.solution(wanted, tried, signal)),
      hint: (k) => ask((signal) => server.hint(wanted, k, signal)),
      keep: ({ result, mistake }) =>
        progress.put(name, seed, wanted, {
          ...(result ? { result, tries: 1, day: today(), mistake: null } : {}),
          ...(mistake ? { mistake } : {}),
        }),
      settled() {},
      onward: () => {
        fold.open = false;
      },
      again() {},
      titleOf,
    });
    const href = `${withSeed(`${ROOT}lessons/${name}`, seed)}#card=${at + 1}`;
    const fold = h(
      "details.folded.again",
      { "data-again": `${name}/${wanted}`, "data-result": kept.result },
      h("summary", `${lesson.title}: ${card.title}`),
      h("div.card-text", rich([...numbers.slice(0, 1), ...card.text])),
      question.element,
      h("a", { href }, TEXT.lesson.inItsLesson),
    );
    return [fold];
  });
  return (await Promise.all(asked)).flat();
}
