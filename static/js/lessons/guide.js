/**
 * A lesson on the explorer: its cards set the page's state, and the reader may change it at any
 * time. The address holds the lesson, the seed and the card. Numbers that a card asks are veiled
 * until they are answered.
 */

import { NOTATION } from "../core/trace.js";
import { TEXT } from "../text/en.js";
import { h, panel as panelOf, slot } from "../ui/dom.js";
import { leadTo } from "../ui/page.js";
import { askAgain, oldCards, today } from "./again.js";
import { mountPanel } from "./panel.js";
import { END, openProgress } from "./progress.js";
import { createQuestion } from "./question.js";
import { elsewhere, stateOf, trains, veilAt, viewAt } from "./scenes.js";
import { seedOf, seedProblem, withSeed } from "./seed.js";
import { createServer } from "./server.js";

const MOVES = ["experiment", "step", "line", "sample", ...NOTATION, "pending"];

/** @param {{store: Store, api: Api, session: Session, player: Player}} services */
export function createGuide({ store, api, session, player }) {
  const { state } = store;
  const name = document.body.dataset.lesson ?? "";
  const progress = openProgress();
  const seed = seedOf(location.search, progress);
  const problem = seedProblem(location.search);
  const server = createServer(api, name, seed);
  /** @type {Lesson | null} null until the server has answered */
  let lesson = null;
  /** @type {ReturnType<typeof mountPanel> | null} */
  let panel = null;
  let at = 0;
  /**
   * The scene on the page: its recipe as text, and the experiment that the server made of it.
   * @type {{recipe: string, id: string | null}}
   */
  let scene = { recipe: "", id: null };
  let reference = "null"; // of the lesson; the server completes it
  let expected = false;

  const kept = () => progress.of(name, seed).cards;
  const cards = () => lesson?.cards ?? [];
  /** How many cards there are; those after an open question are not in `cards` yet. */
  const count = () => lesson?.outline.length ?? 0;
  const veilNow = () => veilAt(cards(), at, (card) => Boolean(kept()[card]?.result));
  const asked = () => {
    const card = cards()[at];
    return { veil: veilNow(), asking: Boolean(card?.question && !kept()[card.name]?.result) };
  };
  /** The nearest card that can be shown; `count()` is the end. @param {number} card */
  const reachable = (card) =>
    card >= count() && cards().length === count()
      ? count()
      : Math.max(0, Math.min(card, cards().length - 1));

  /** @returns {number | null} the card of the address */
  function addressed() {
    const card = /^#card=(\d{1,4}|end)$/.exec(location.hash)?.[1];
    if (!card) return null;
    return reachable(card === "end" ? count() : Math.min(Number(card), count()) - 1);
  }
  /** @param {string | number | null} kept a card's name, or END */
  function placeOf(kept) {
    const index = lesson?.outline.findIndex((card) => card.name === kept) ?? 0;
    return reachable(kept === END ? count() : index);
  }
  const hashOf = (/** @type {number} */ card) => `#card=${card < count() ? card + 1 : "end"}`;

  /** Earlier answers, by card. */
  const answers = () =>
    Object.fromEntries(
      Object.entries(kept()).flatMap(([card, { answer }]) =>
        answer === null ? [] : [[card, answer]],
      ),
    );

  /**
   * Take the cards that an answer opened.
   * @template {{cards: Card[] | null} | Refusal | null} T
   * @param {number} card @param {T} answer @returns {T}
   */
  function opened(card, answer) {
    if (lesson && answer && "cards" in answer) {
      lesson.cards.push(...(answer.cards ?? []).slice(lesson.cards.length - card - 1));
      panel?.mark();
    }
    return answer;
  }

  /** The question of a card. @param {Lesson} lesson @param {number} k */
  function ask({ cards, solutions }, k) {
    const { name: card, question } = cards[k];
    return createQuestion(/** @type {Question} */ (question), `card-${k}`, {
      ...{ kept: kept()[card] ?? {}, solutions, titleOf },
      mark: async (answer) =>
        opened(k, await session.ask("answer", (signal) => server.mark(card, answer, signal))),
      solve: async (tried) =>
        opened(k, await session.ask("answer", (signal) => server.solution(card, tried, signal))),
      hint: (number) => session.ask("hint", (signal) => server.hint(card, number, signal)),
      keep(change) {
        progress.put(name, seed, card, { ...change, ...(change.result && { day: today() }) });
        panel?.mark();
      },
      settled: () => k === at && store.set(asked()),
      onward: () => go(k + 1),
      again: () => panel?.show(k, { focus: false }),
    }).element;
  }

  /**
   * Called once by the page, instead of reading a view from the address.
   * @returns {Promise<LinkedView>}
   */
  async function read() {
    history.replaceState(null, "", withSeed(location.pathname, seed, location.hash));
    progress.seed = seed;
    const answer = await session.ask("lesson", (signal) => server.lesson(answers(), signal));
    if (answer && "refused" in answer)
      panelOf("lesson").replaceChildren(
        h("p.aside[role=alert]", TEXT.lesson.cannotBeShown(answer.refused)),
      );
    if (!answer || "refused" in answer) return { recipe: {}, step: 0 };
    lesson = answer;
    const names = answer.outline.map((card) => card.name);
    progress.adopt([answer]);
    progress.rename(name, seed, names, answer.digest);
    panel = mountPanel(answer, {
      seed,
      problem,
      name,
      kept,
      stored: progress.kept,
      go,
      back: () => setScene(),
      reachable: (card) => reachable(card) === card,
      ask: (card) => ask(answer, card),
      again,
      next: following,
      titleOf,
    });
    at = addressed() ?? placeOf(progress.of(name, seed).at);
    history.replaceState(null, "", hashOf(at));
    const view = viewAt(cards(), at);
    expected = true;
    scene = { recipe: JSON.stringify(view.recipe), id: null };
    store.set({ ...fieldsOf(view), step: view.step, ...asked() });
    panel.show(at, { focus: false });
    panel.offerTraining(trains(cards(), at));
    progress.stand(name, seed, cards()[at]?.name ?? END);
    return { recipe: view.recipe ?? {}, step: view.step };
  }

  /** The lesson after this one, in the order of the list, and those that build on it. */
  async function following() {
    const all = (await session.ask("lessons", (signal) => server.list(signal))) ?? [];
    return {
      next: all[all.findIndex((one) => one.name === name) + 1] ?? null,
      builders: all.filter((one) => one.builds_on.includes(name)),
    };
  }

  const titleOf = (/** @type {string} */ misconception) =>
    state.catalog?.misconceptions.find((one) => one.name === misconception)?.title.toLowerCase();

  async function again() {
    const all = (await session.ask("lessons", (signal) => server.list(signal))) ?? [];
    const of = (/** @type {string} */ lesson) => progress.of(lesson, seed).cards;
    return askAgain(oldCards(all, name, of, today()), { api, session, progress, seed, titleOf });
  }

  function go(/** @type {number} */ card) {
    if (!lesson || reachable(card) !== card || card === at) return;
    history.pushState(null, "", hashOf(card));
    turn(card);
  }

  /** @param {number} card @param {boolean} [focus] */
  function turn(card, focus = true) {
    at = card;
    progress.stand(name, seed, cards()[at]?.name ?? END);
    // veiled before the card's line is shown
    store.set(asked());
    panel?.show(at, { focus });
    panel?.offerTraining(trains(cards(), at));
    setScene();
  }

  /** A run that is already compared with stays. @param {CardView} view */
  function fieldsOf(view) {
    const { reference: wanted, ...fields } = stateOf(view);
    const same =
      reference === JSON.stringify(wanted) && (wanted === null) === (state.reference === null);
    reference = JSON.stringify(wanted);
    return same ? fields : { ...fields, reference: wanted };
  }

  async function setScene() {
    if (state.playing) player.pause();
    const view = viewAt(cards(), at);
    const recipe = JSON.stringify(view.recipe);
    if (recipe === scene.recipe && scene.id === state.experiment?.id && !state.pending) {
      store.set(fieldsOf(view));
      if (state.step !== view.step) await session.go(view.step);
      return;
    }
    scene = { recipe, id: null };
    expected = true;
    session.prepareOpen();
    store.set({ ...fieldsOf(view), problems: {} });
    if (view.recipe) await session.open(view.recipe, view.step);
  }

  store.on(["experiment"], () => {
    if (expected && state.experiment) {
      scene.id = state.experiment.id;
      expected = false;
    }
  });
  store.on(MOVES, () => {
    if (panel && !state.pending)
      panel.offerBack(scene.id !== state.experiment?.id || elsewhere(state, viewAt(cards(), at)));
  });
  addEventListener("popstate", () => {
    const card = lesson && addressed();
    if (card !== null && card !== at) turn(card);
  });

  // "Explore" leads to what is on the page, without the lesson
  leadTo(slot("explore"), state);

  return { read, turnBy: (/** @type {number} */ by) => go(at + by) };
}
