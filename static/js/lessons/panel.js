/**
 * The lesson beside the explorer: the place in the lesson, the card, its question, and the way on.
 */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { button, closest, disable, find, h, panel, set, windowIs, write } from "../ui/dom.js";
import { block, rich } from "./rich.js";
import { nextSeed, withSeed } from "./seed.js";

/**
 * @param {Lesson} lesson
 * @param {{seed: string, problem: string, name: string, kept: () => Record<string, Kept>, stored:
 *   boolean, go: (card: number) => void, reachable: (card: number) => boolean, back: () => void,
 *   ask: (card: number) => HTMLElement, again: () => Promise<HTMLElement[]>, next: () =>
 *   Promise<{next: Summary | null, builders: Summary[]}>, titleOf: (name: string) => string |
 *   undefined}} context ask: makes the question of a card
 */
export function mountPanel(lesson, context) {
  const { seed, name, kept, go, reachable } = context;
  const { cards, outline } = lesson;
  const root = panel("lesson");
  const dots = [
    ...outline.map(({ title }, k) => dot(k, title)),
    dot(outline.length, TEXT.lesson.theEnd),
  ];
  const title = h("h3.card-title[tabindex=-1][data-readout=card]");
  const body = h("div.card[data-slot=card]");
  const where = h("p.soft[data-readout=card-number]");
  /** @param {string} action @param {string} text @param {number} by cards @param {string} key */
  const step = (action, text, by, key) =>
    button(`${action}.turn.plain`, by < 0 ? "‹" : "›", () => go(at + by), {
      ...{ "aria-label": TEXT.lesson.turnName(text), title: TEXT.lesson.turn(text, key) },
    });
  const before = step("card-previous", TEXT.lesson.previous, -1, "k");
  const after = step("card-next", TEXT.lesson.next, 1, "l");
  const back = button("back-to-scene.quiet.at-end", TEXT.lesson.backToScene, context.back, {
    disabled: true,
  });
  const down = button("to-working.quiet.to-working", TEXT.lesson.toWorking, () => jump("#working"));
  const switchTraining = () => {
    wanted = document.body.dataset.training !== "true";
    showTraining(wanted);
  };
  const training = button("training.quiet", TEXT.lesson.training, switchTraining, {
    title: TEXT.lesson.trainingTitle,
  });
  const sheet = h(
    "a.quiet[data-slot=sheet]",
    { href: withSeed(`${ROOT}lessons/${name}/sheet`, seed), title: TEXT.lesson.sheetTitle },
    TEXT.lesson.sheet,
  );
  /** @type {boolean | null} what the reader chose; null: as the card needs it */
  let wanted = null;
  let at = 0;

  root.replaceChildren(
    h(
      "header.lesson-head",
      h(
        "p.lesson-place.soft.fine",
        h("a", { href: withSeed(`${ROOT}lessons`, seed) }, lesson.group_title),
        lesson.exercise ? TEXT.lesson.exercise(lesson.exercise) : "",
        TEXT.lesson.seed(seed),
      ),
      h("h2", lesson.title),
      h(
        "ol.dots",
        { "aria-label": TEXT.lesson.cards },
        dots.map((button) => h("li", button)),
      ),
    ),
    h("div.lesson-body[data-slot=lesson-body]", title, body),
    h("footer.lesson-foot.side-by-side", before, where, after, down, training, sheet, back),
  );
  // The second click of a double click is not meant for the button that the first one brought.
  body.addEventListener(
    "click",
    (event) => {
      if (event.detail < 2 || !closest(event.target, ".ask button")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  // Nor are the repeats of a key that is held.
  body.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter" && closest(event.target, "button, input"))
      event.preventDefault();
  });
  if (!context.stored) body.before(h("p.aside", TEXT.lesson.notKept));
  if (context.problem)
    body.before(h("p.aside[role=alert]", TEXT.lesson.seedInstead(context.problem, seed)));
  const up = h(
    "button.quiet.to-lesson",
    { onclick: () => jump('[data-panel="lesson"]') },
    TEXT.lesson.toQuestion,
  );
  document.body.append(up);
  // the way back is offered once the lesson is out of sight
  new IntersectionObserver(([{ isIntersecting }]) => {
    up.hidden = isIntersecting;
  }).observe(root);

  /** Buttons and figures of training: a row and a part of the page. @param {boolean} shown */
  function showTraining(shown) {
    document.body.dataset.training = String(shown);
    set(training, { "aria-pressed": String(shown) });
  }

  function jump(/** @type {string} */ selector) {
    const target = find(selector, HTMLElement);
    target.scrollIntoView({ block: "start" });
    (selector === "#working" ? target : title).focus({ preventScroll: true });
  }

  /** @param {number} k @param {string} text */
  function dot(k, text) {
    return h(
      "button.card-dot.fine.soft",
      { "data-card": k, title: text, onclick: () => go(k) },
      k < outline.length ? String(k + 1) : "■",
    );
  }

  /** Show which card it is and which are done. */
  function mark() {
    const known = kept();
    dots.forEach((button, k) => {
      const card = outline[k];
      const result = card?.asks ? (known[card.name]?.result ?? "open") : "text";
      const locked = !reachable(k);
      const title = card ? card.title : TEXT.lesson.theEnd;
      const label = card
        ? TEXT.lesson.cardName(k + 1, title, WORDS[result])
        : TEXT.lesson.endOfLesson;
      set(button, {
        "data-result": result,
        "aria-current": k === at ? "step" : null,
        "aria-label": locked ? TEXT.lesson.locked(label) : label,
        title: locked ? TEXT.lesson.locked(title) : title,
        disabled: locked,
      });
    });
    const text = at < outline.length;
    write(where, text ? TEXT.lesson.cardOf(at + 1, outline.length) : TEXT.lesson.theEnd);
    set(before, { disabled: at === 0 });
    set(after, { disabled: at === outline.length || !reachable(at + 1) });
  }

  /** @param {number} card @param {{focus: boolean}} options */
  async function show(card, { focus }) {
    at = card;
    mark();
    root.dataset.card = String(card);
    const openCard = cards[card];
    write(title, openCard?.title ?? TEXT.lesson.whatYouHaveDone);
    if (openCard)
      body.replaceChildren(
        h("div.card-text", rich(openCard.text)),
        ...givens(card),
        openCard.question ? context.ask(card) : onward(card),
      );
    else body.replaceChildren();
    body.parentElement?.scrollTo({ top: 0 });
    if (focus) title.focus({ preventScroll: !windowIs("phone").matches });
    if (openCard) return;
    const after = await context.next();
    const { titleOf } = context;
    if (at === card)
      body.replaceChildren(...closing(lesson, kept(), { seed, name, ...after, go, titleOf }));
    const old = await context.again();
    if (at === card && old.length) body.append(h("p.verdict", TEXT.lesson.oldCards), ...old);
  }

  /** The numbers that an earlier card gives, where the card has none. @param {number} card */
  function givens(card) {
    const arrays = cards.slice(0, card + 1).map(({ text }) => arraysIn(text));
    const first = arrays.find(Boolean);
    return first && !arrays[card]
      ? [h("details.folded", h("summary", TEXT.lesson.numbersOfLesson), block(first))]
      : [];
  }

  const onward = (/** @type {number} */ card) =>
    h(
      "div.ask.side-by-side.wraps",
      button("go-on.primary", TEXT.lesson.goOn, () => go(card + 1)),
    );

  return {
    show,
    /** Called after an answer, which may have opened cards. */
    mark,
    /** @param {boolean} elsewhere whether the page shows something else than the card's scene */
    offerBack: (elsewhere) => disable(back, !elsewhere),
    /** @param {boolean} needed whether the card is about training */
    offerTraining: (needed) => showTraining(wanted ?? needed),
  };
}

/** The block of a text that defines arrays. @param {RichText} text @returns {string | undefined} */
const arraysIn = (text) =>
  text
    .flat()
    .flatMap((piece) => (piece.kind === "block" ? piece.code : []))
    .find((code) => code.includes("= np.array("));

/** @type {Record<string, string>} */
const WORDS = {
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
function closing(lesson, kept, { seed, name, next, builders, go, titleOf }) {
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
                "span.to-repeat.soft.smaller",
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
