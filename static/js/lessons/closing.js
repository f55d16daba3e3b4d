/**
 * The end of a lesson: which questions were answered alone, with a hint or not, and where to go on.
 */

import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { nextSeed, withSeed } from "./seed.js";

/** @type {Record<string, string>} */
export const WORDS = {
  alone: TEXT.lesson.answeredAlone,
  hint: TEXT.lesson.answeredWithHint,
  shown: TEXT.lesson.answerShown,
  open: TEXT.lesson.notAnswered,
};

/**
 * @param {Lesson} lesson
 * @param {Record<string, Kept>} kept by name of the card
 * @param {{seed: string, name: string, next: Summary | null, go: (card: number) => void}} context
 *   next: the lesson that follows
 */
export function closing(lesson, kept, { seed, name, next, go }) {
  const questions = lesson.cards
    .map((card, k) => ({ k, card }))
    .filter(({ card }) => card.question);
  /** @param {{card: Card}} question */
  const resultOf = ({ card }) => kept[card.name]?.result ?? "open";
  const rows = Object.keys(WORDS)
    .map((result) => ({ result, cards: questions.filter((one) => resultOf(one) === result) }))
    .filter(({ cards }) => cards.length)
    .map(({ result, cards }) =>
      h(
        "li",
        { "data-result": result },
        h("span.sign", { "aria-hidden": "true" }),
        h(
          "span",
          h("strong", `${cards.length} ${WORDS[result]}`),
          result === "alone"
            ? null
            : h(
                "span.to-repeat",
                cards.map(({ k, card }) => h("button.link", { onclick: () => go(k) }, card.title)),
              ),
        ),
      ),
    );
  const done = questions.every((one) => resultOf(one) !== "open");
  return [
    h("p", done ? TEXT.lesson.allAnswered : TEXT.lesson.someOpen),
    h("ul.results", { "data-readout": "results" }, rows),
    h(
      "p.onward",
      next
        ? h(
            "a.primary",
            { href: withSeed(`${ROOT}lessons/${next.name}`, seed), "data-action": "next-lesson" },
            TEXT.lesson.nextLesson(next.title),
          )
        : null,
      h("a", { href: withSeed(`${ROOT}lessons`, seed) }, TEXT.lesson.allLessons),
      h(
        "a",
        { href: withSeed(`${ROOT}lessons/${name}`, nextSeed(seed)) },
        TEXT.lesson.otherNumbers,
      ),
    ),
  ];
}
