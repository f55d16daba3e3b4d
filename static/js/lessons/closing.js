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
 * @param {Lesson} lesson @param {Record<string, Kept>} kept by name of the card
 * @param {{seed: string, name: string, next: Summary | null, builders: Summary[],
 *   go: (card: number) => void, titleOf: (misconception: string) => string | undefined}} context
 *   next: the lesson that follows; builders: those that build on this one
 */
export function closing(lesson, kept, { seed, name, next, builders, go, titleOf }) {
  const at = (/** @type {string} */ lesson) => withSeed(`${ROOT}lessons/${lesson}`, seed);
  const questions = lesson.cards
    .map((card, k) => ({ k, card }))
    .filter(({ card }) => card.question);
  const resultOf = (/** @type {{card: Card}} */ { card }) => kept[card.name]?.result ?? "open";
  const rows = Object.keys(WORDS)
    .map((result) => ({ result, cards: questions.filter((one) => resultOf(one) === result) }))
    .filter(({ cards }) => cards.length)
    .map(({ result, cards }) =>
      h(
        "li",
        { "data-result": result },
        h("span.sign[aria-hidden=true]"),
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
  const mistakes = questions.flatMap(({ k, card }) => {
    const title = titleOf(kept[card.name]?.mistake ?? "");
    const to = h("button.link", { onclick: () => go(k) }, card.title);
    return title ? [h("li", TEXT.lesson.mistakeOn(title), to)] : [];
  });
  const others = builders
    .filter((one) => one.name !== next?.name)
    .map((one) => h("li", h("a", { href: at(one.name) }, one.title)));
  const done = questions.every((one) => resultOf(one) !== "open");
  return [
    h("p", done ? TEXT.lesson.allAnswered : TEXT.lesson.someOpen),
    h("ul.results[data-readout=results]", rows),
    ...list(TEXT.lesson.mistakesMade, "mistakes", mistakes),
    ...list(TEXT.lesson.buildOnThis, "builders", others),
    h(
      "p.onward",
      next &&
        h(
          "a.primary[data-action=next-lesson]",
          { href: at(next.name) },
          TEXT.lesson.nextLesson(next.title),
        ),
      h("a", { href: withSeed(`${ROOT}lessons`, seed) }, TEXT.lesson.allLessons),
      h(
        "a",
        { href: withSeed(`${ROOT}lessons/${name}`, nextSeed(seed)) },
        TEXT.lesson.otherNumbers,
      ),
    ),
  ];
}

/** @param {string} title @param {string} readout @param {HTMLElement[]} items */
const list = (title, readout, items) =>
  items.length ? [h("p.verdict", title), h("ul", { "data-readout": readout }, items)] : [];
