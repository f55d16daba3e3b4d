/**
 * The lesson beside the explorer: where one is, the card, its question, and the way on.
 */

import { ROOT } from "../core/root.js";
import { disable, h, panel, set, write } from "../ui/dom.js";
import { closing, WORDS } from "./closing.js";
import { createQuestion } from "./question.js";
import { rich } from "./rich.js";
import { withSeed } from "./seed.js";

/**
 * @param {any} lesson @param {{seed: string, problem: string, name: string, kept: () => Record<string, any>, stored: boolean,
 *   go: (card: number) => void, back: () => void, mark: (card: number, answer: any) => Promise<any>, solve: (card: number, tried: any) => Promise<any>,
 *   keep: (card: number, change: any) => void, settled: (card: number) => void, next: () => Promise<any>, titleOf: (name: string) => string | undefined}} surroundings
 */
export function mountPanel(lesson, surroundings) {
  const { seed, name, kept, go } = surroundings;
  const { cards } = lesson;
  const root = panel("lesson");
  const dots = [...cards.map(({ title }, k) => dot(k, title)), dot(cards.length, "the end")];
  const title = h("h3", { class: "card-title", tabindex: "-1", "data-readout": "card" });
  const body = h("div", { class: "card", "data-slot": "card" });
  const where = h("p", { class: "soft", "data-readout": "card-number" });
  const step = (action, text, by, key) =>
    h(
      "button",
      {
        type: "button",
        class: "turn",
        "data-action": action,
        "aria-label": `${text} card`,
        title: `${text} card (${key})`,
        onclick: () => go(at + by),
      },
      by < 0 ? "‹" : "›",
    );
  const before = step("card-previous", "Previous", -1, "k");
  const after = step("card-next", "Next", 1, "l");
  const back = h(
    "button",
    {
      type: "button",
      class: "quiet",
      "data-action": "back-to-scene",
      disabled: true,
      onclick: surroundings.back,
    },
    "Back to the lesson's scene",
  );
  const down = h(
    "button",
    {
      type: "button",
      class: "quiet to-working",
      "data-action": "to-working",
      onclick: () => jump("#working"),
    },
    "The working ↓",
  );
  let at = 0;

  root.replaceChildren(
    h(
      "header",
      { class: "lesson-head" },
      h(
        "p",
        { class: "lesson-place" },
        h("a", { href: withSeed(`${ROOT}lessons`, seed) }, lesson.group_title),
        lesson.exercise ? ` · exercise ${lesson.exercise}` : "",
        ` · seed ${seed}`,
      ),
      h("h2", {}, lesson.title),
      h(
        "ol",
        { class: "dots", "aria-label": "Cards" },
        dots.map((button) => h("li", {}, button)),
      ),
    ),
    h("div", { class: "lesson-body", "data-slot": "lesson-body" }, title, body),
    h("footer", { class: "lesson-foot" }, before, where, after, down, back),
  );
  // The second click of a double click is not meant for the button that the first one brought to its place.
  body.addEventListener(
    "click",
    (event) => {
      if (event.detail < 2 || !event.target.closest(".ask button")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  // Nor are the repeats of a key that is held, which press what the first one brought, or answer with it again.
  body.addEventListener("keydown", (event) => {
    if (event.repeat && event.key === "Enter" && event.target.matches("button, input"))
      event.preventDefault();
  });
  if (!surroundings.stored)
    body.before(
      h(
        "p",
        { class: "aside" },
        "This browser keeps nothing for the page: your progress lasts until you leave it.",
      ),
    );
  if (surroundings.problem)
    body.before(
      h(
        "p",
        { class: "aside", role: "alert" },
        `${surroundings.problem} These are the numbers of seed ${seed}.`,
      ),
    );
  const up = h(
    "button",
    { type: "button", class: "quiet to-lesson", onclick: () => jump('[data-panel="lesson"]') },
    "↑ The question",
  );
  document.body.append(up);
  // the way back is offered once the lesson is out of sight
  new IntersectionObserver(([{ isIntersecting }]) => (up.hidden = isIntersecting)).observe(root);

  function jump(selector) {
    const target = document.querySelector(selector);
    target.scrollIntoView({ block: "start" });
    (selector === "#working" ? target : title).focus({ preventScroll: true });
  }

  function dot(k, text) {
    return h(
      "button",
      { type: "button", class: "card-dot", "data-card": k, title: text, onclick: () => go(k) },
      k < cards.length ? String(k + 1) : "■",
    );
  }

  /** Where one is and what is done. */
  function mark() {
    const known = kept();
    dots.forEach((button, k) => {
      const result = cards[k]?.question ? (known[cards[k].name]?.result ?? "open") : "text";
      set(button, {
        "data-result": result,
        "aria-current": k === at ? "step" : null,
        "aria-label":
          k < cards.length
            ? `Card ${k + 1}, ${cards[k].title}${WORDS[result] ? `, ${WORDS[result]}` : ""}`
            : "The end of the lesson",
      });
    });
    write(where, at < cards.length ? `card ${at + 1} of ${cards.length}` : "the end");
    set(before, { disabled: at === 0 });
    set(after, { disabled: at === cards.length });
  }

  /** @param {number} card @param {{focus: boolean}} options */
  async function show(card, { focus }) {
    at = card;
    mark();
    root.dataset.card = String(card);
    const own = cards[card];
    write(title, own?.title ?? "What you have done");
    if (own)
      body.replaceChildren(
        h("div", { class: "card-text" }, rich(own.text)),
        own.question ? ask(own.question, card) : onward(card),
      );
    else body.replaceChildren();
    body.parentElement.scrollTop = 0;
    if (focus) title.focus({ preventScroll: !matchMedia("(max-width: 43.75em)").matches });
    if (own) return;
    const next = await surroundings.next();
    if (at === card) body.replaceChildren(...closing(lesson, kept(), { seed, name, next, go }));
  }

  const onward = (card) =>
    h(
      "div",
      { class: "ask" },
      h(
        "button",
        { type: "button", class: "primary", "data-action": "go-on", onclick: () => go(card + 1) },
        "Go on",
      ),
    );

  const ask = (question, card) =>
    createQuestion(question, `card-${card}`, {
      kept: kept()[cards[card].name] ?? {},
      solutions: lesson.solutions,
      mark: (answer) => surroundings.mark(card, answer),
      solve: (tried) => surroundings.solve(card, tried),
      keep: (change) => {
        surroundings.keep(card, change);
        mark();
      },
      settled: () => surroundings.settled(card),
      onward: () => go(card + 1),
      titleOf: surroundings.titleOf,
    }).element;

  return {
    show,
    /** @param {boolean} on whether somebody has gone elsewhere */
    elsewhere: (on) => disable(back, !on),
  };
}
