/**
 * The lecturer's explorer: what it shows goes to the class, and a bar below the head has what a
 * lecture needs. The lecturer's view, in another window, may change the scene, too.
 */
import { named } from "../core/names.js";
import { ROOT } from "../core/root.js";
import { covers, hideFrom } from "../core/veil.js";
import { isAbort, Lost, Problem } from "../server/api.js";
import { IN_ADDRESS } from "../state/store.js";
import { hashOf } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { button, choice, h, panel, set, write } from "../ui/dom.js";
import { menu } from "../ui/fields.js";
import { answerCard } from "./answer-card.js";
import { createAskDialog } from "./ask-dialog.js";
import { openKept } from "./kept.js";
import { createRoom, noticed, unlessRefused } from "./room.js";
import { after, common, groupOf, personalView, veilOf } from "./scenes.js";
import { createSharedStream } from "./shared-stream.js";

const INTERVAL = 150; // ms between two changes of the scene
const PLAYING = 500; // while a run plays
const AGAIN = 1000;
const REMEMBERED = 20; // views that this window sent: it hears of them

/** @param {ClassServices} context @param {string} code */
export function mountLecturer({ store, api, session, player, address }, code) {
  const { state } = store;
  const kept = openKept();
  const { key } = kept.of(code);
  const room = createRoom(noticed(api, store), code, { key });
  const root = panel("class-bar");
  /** @type {RoomState | null} */
  let now = null;
  /** @type {Tally | null} */
  let tally = null;
  let showing = true;
  let ready = false;
  let link = "live";
  let applying = 0;
  /** @type {string[]} */
  let mine = [];
  let sent = "";
  /** What the working is about that the class has on its screens. */
  let place = "";
  let sentAt = -Infinity;
  let busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const here = h("span[data-readout=here]");
  const follows = choice(
    TEXT.lecturer.whatFollows,
    [
      { value: "prepare", text: TEXT.lecturer.prepare, title: TEXT.lecturer.unshown },
      { value: "show", text: TEXT.lecturer.show, title: TEXT.lecturer.shown },
      { value: "hold", text: TEXT.lecturer.hold, title: TEXT.lecturer.holdTitle },
    ],
    follow,
    { "data-control": "showing" },
  );
  const hideHere = button("hide-from-line", TEXT.lecturer.hideHere, hideFromHere, {
    title: TEXT.lecturer.hideHereTitle,
  });
  const hide = menu(Object.entries(TEXT.lecturer.groups), chooseHidden, { "data-control": "hide" });
  const question = h("span.bar-question[data-readout=answered]");
  const close = button("close-answers", TEXT.lecturer.close, () => setState("closed"));
  const reveal = button("reveal", TEXT.lecturer.reveal, () => setState("revealed"));
  const bar = h(
    "div.bar-row.side-by-side.wraps",
    h("strong.bar-code.unbroken[data-readout=code]", code),
    ...[here, follows.element, hideHere],
    h("label.bar-hide.soft", TEXT.lecturer.hide, " ", hide),
    h("span.bar-space"),
    ...[question, close, reveal],
    button("ask.primary", TEXT.lecturer.ask, () => dialog.open()),
    h("a.bar-link[target=backprop-teach]", { href: `${ROOT}teach/${code}` }, TEXT.lecturer.view),
    button("leave-class.quiet", "×", leave, {
      ...{ "aria-label": TEXT.lecturer.leave, title: TEXT.lecturer.leave },
    }),
  );
  const shownAnswer = h("div.bar-answer[data-slot=shown-answer]");

  const dialog = createAskDialog({
    state,
    api,
    async ask(request) {
      const view = viewNow();
      await flush();
      const { number } = await session.persist(() => room.ask(request));
      const next = await session.persist(() => room.state());
      // A lesson's card is shown with its network, to the class and here.
      const { scene } = request.kind === "lesson" ? await room.question(number) : { scene: null };
      const shown = scene && showing ? common(personalView(scene)) : view;
      kept.put(code, { views: { ...kept.of(code).views, [number]: shown } });
      await took(next);
      if (shown !== view) await address.show(shown);
    },
  });

  /** @returns {Promise<LinkedView>} */
  async function read() {
    try {
      now = await session.persist(() => room.state());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) kept.forget(code);
      return address.read();
    }
    const view = now.scene?.program ? undefined : now.scene?.view;
    if (view !== undefined) remember(view);
    if (view !== undefined && location.hash.length < 2) {
      history.replaceState(null, "", `#${view}`);
      sent = view;
    }
    document.body.dataset.teaching = "true";
    root.hidden = false;
    root.replaceChildren(bar, shownAnswer);
    veil();
    draw();
    const counted = (/** @type {Tally} */ counts) => {
      tally = counts;
      draw();
    };
    createSharedStream(api).follow({ room: code, key }, { room: took, tally: counted }, became);
    return address.read();
  }

  /** The page shows its first frame. */
  function begun() {
    ready = now !== null;
    schedule();
  }

  // What goes to the class

  const placeNow = () => JSON.stringify([state.experiment?.id, state.step, state.sample]);
  const viewNow = () => common(hashOf(state));

  function remember(/** @type {string} */ view) {
    mine = [...mine.filter((each) => each !== view), view].slice(-REMEMBERED);
  }

  function schedule() {
    clearTimeout(timer);
    if (!ready || !showing || busy || applying || state.pending) return;
    if (!state.experiment) return;
    const wait = sentAt + (state.playing ? PLAYING : INTERVAL) - performance.now();
    if (wait > 0) timer = setTimeout(send, wait);
    else send();
  }
  const names = IN_ADDRESS.filter((name) => name !== "projector");
  store.on([...names, "experiment", "pending", "playing"], schedule);

  async function send() {
    const view = viewNow();
    if (view === sent) return;
    await push({});
  }

  /** Everything is with the class before a question about it. */
  async function flush() {
    clearTimeout(timer);
    if (showing && viewNow() !== sent) await push({});
  }

  /**
   * Show what this window shows, with a change.
   * @param {{hold?: boolean, hide?: string | null, bare?: boolean}} change
   */
  async function push(change) {
    if (!now) return;
    const view = showing ? viewNow() : (now.scene?.view ?? viewNow());
    const hidden = "hide" in change ? change.hide : now.scene?.hide;
    const bare = "hide" in change ? change.bare : now.scene?.bare;
    const shared = now.scene?.answer;
    const same = shared?.line === state.line && (!showing || place === placeNow());
    const { program, view: shown } = now.scene ?? {};
    // a program stays until something else is shown here
    const isKept = program !== undefined && viewNow() === sent;
    const scene = {
      ...(isKept ? { program, view: shown } : { view }),
      experiment: state.experiment?.id,
      step: state.step,
      sample: state.sample,
      line: state.line,
      ...(state.entry ? { entry: state.entry } : {}),
      ...(hidden ? { hide: hidden, ...(bare ? { bare } : {}) } : {}),
      ...(shared && same ? { answer: shared } : {}),
      ...(now.scene?.note ? { note: now.scene.note } : {}),
    };
    const about = placeNow();
    busy = true;
    sentAt = performance.now();
    remember(view);
    try {
      took(await room.show(scene, change.hold ?? now.hold));
      if (showing) [sent, place] = [view, about];
      became("live");
    } catch (error) {
      if (isAbort(error)) return;
      if (error instanceof Lost || (error instanceof Problem && error.status >= 429)) {
        became("lost");
        sentAt = performance.now() + AGAIN;
      } else if (error instanceof Problem) {
        store.set({ failure: { kind: "error", text: error.message } });
        sent = view; // refused: the next change may be taken
      } else throw error;
    } finally {
      busy = false;
      schedule();
    }
  }

  /** @param {string} how prepare, show or hold */
  function follow(how) {
    showing = how !== "prepare";
    const hold = how === "hold";
    draw();
    if (now && showing && now.hold !== hold) push({ hold });
    else schedule();
  }

  function chooseHidden(/** @type {string} */ group) {
    const bare = group === "line";
    push({ hide: hideFrom(group, state.trace?.lines ?? [], state.line), bare });
  }

  const lines = () => state.trace?.lines ?? [];
  const hidesLine = () =>
    Boolean(
      now?.scene?.hide &&
        covers(veilOf({ ...now, question: null }, depth()), named(state.line), depth()),
    );
  const depth = () => state.frame?.layers.length ?? 1;

  /** From the shown line on nothing is seen; or again as far as this line. */
  function hideFromHere() {
    push({ hide: hidesLine() ? after(lines(), state.line) : state.line, bare: true });
  }

  async function setState(/** @type {QuestionState} */ to) {
    const number = now?.question?.number;
    if (!number) return;
    const pressed = performance.now();
    const request = () => session.persist(() => room.setState(number, to, pressed));
    const next = await unlessRefused(store, request);
    if (next) took(next);
  }

  function leave() {
    kept.show(null);
    location.reload();
  }

  // What is heard

  async function took(/** @type {RoomState} */ next) {
    if (now && next.version < now.version) return;
    const wasOpen = now?.question?.state !== "revealed";
    now = next;
    veil();
    if (wasOpen) uncover();
    draw();
    const view = next.scene?.program ? undefined : next.scene?.view;
    // Another window of the lecturer showed something.
    if (!ready || view === undefined || view === sent || mine.includes(view)) return;
    remember(view);
    sent = view;
    applying += 1;
    if (state.playing) player.pause();
    try {
      await address.show(view);
    } finally {
      applying -= 1;
      if (!applying) [sent, place] = [viewNow(), placeNow()];
      drawAnswer();
    }
  }

  /** What was asked is seen once it is revealed, what comes after it is not. */
  function uncover() {
    const { state: is, line } = now?.question ?? {};
    const { hide: from, bare } = now?.scene ?? {};
    if (is !== "revealed" || !line || !from || !bare) return;
    const beyond = after(lines(), line);
    if (beyond && covers({ from, bare }, named(line), depth())) push({ hide: beyond, bare });
  }

  function became(/** @type {"live" | "lost" | "gone"} */ is) {
    link = is;
    if (is === "gone") ready = false;
    draw();
  }

  function veil() {
    const next = veilOf(now, depth());
    if (JSON.stringify(next) !== JSON.stringify(state.veil)) store.set({ veil: next });
  }

  function draw() {
    const shared = now?.question;
    const gone = link === "gone";
    write(
      here,
      gone
        ? TEXT.lecturer.gone
        : link === "lost"
          ? TEXT.lecturer.lost
          : TEXT.lecturer.here(tally?.here ?? 0),
    );
    set(here, { "data-link": link });
    follows.show(showing ? (now?.hold ? "hold" : "show") : "prepare");
    write(hideHere, hidesLine() ? TEXT.lecturer.showHere : TEXT.lecturer.hideHere);
    hide.value = groupOf(now?.scene?.hide, lines(), now?.scene?.bare);
    const counted = tally?.question?.number === shared?.number ? tally?.question : null;
    const everyone = Math.max(tally?.here ?? 0, counted?.answered ?? 0);
    question.hidden = !shared;
    if (shared)
      write(question, TEXT.lecturer.answered(shared.number, counted?.answered ?? 0, everyone));
    close.hidden = shared?.state !== "open";
    reveal.hidden = !shared || shared.state === "revealed";
    drawAnswer();
  }

  function drawAnswer() {
    const shared = now?.scene?.answer;
    shownAnswer.hidden = !shared;
    shownAnswer.replaceChildren(
      shared && state.trace
        ? answerCard(state, shared, now?.question ?? null, {
            here: place === placeNow(),
            choose: (entry) => store.set({ line: shared.line ?? state.line, entry }),
          })
        : "",
    );
  }
  store.on(["trace", "entry", "line", "veil", "catalog"], draw);

  return { read, begun, ask: () => dialog.open(), hideHere: hideFromHere };
}
