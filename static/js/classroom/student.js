/**
 * A student's page: the explorer follows what the lecturer shows, the panel has the question. The
 * student may leave and come back; a reload, or a lost connection, loses nothing.
 */
import { ROOT } from "../core/root.js";
import { Problem } from "../server/api.js";
import { fromHash, hashOf } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { button, find, h, panel, set, slot, write } from "../ui/dom.js";
import { leadTo } from "../ui/page.js";
import { answerCard } from "./answer-card.js";
import { createCountDown } from "./count-down.js";
import { createDelivery } from "./delivery.js";
import { openKept } from "./kept.js";
import { createReporter } from "./places.js";
import { createRoomQuestion } from "./question.js";
import { createRoom, noticed } from "./room.js";
import { common, personalView, veilOf, viewOfScript } from "./scenes.js";
import { createSharedStream } from "./shared-stream.js";

const MOVES = ["experiment", "step", "line", "sample", "entry", "pending"];
const PLACE_AGAIN = 30_000; // ms between two reports of a place that does not change
const SNAP = 250; // ms until attention that is held comes back

/** @param {ClassServices} context @param {string} code */
export function mountStudent({ store, api, session, player, address }, code) {
  const { state } = store;
  const kept = openKept();
  const root = panel("class");
  const following = h("p[data-readout=following][role=status]");
  const turn = button("class-follow", "", leaveOrBack);
  const lost = h("p.class-lost.smaller[data-readout=link][role=status]");
  const note = h("p.class-note[data-readout=note]");
  const shownAnswer = h("div[data-slot=shown-answer]");
  const question = h("div[data-slot=question]");
  const quiet = h("p.soft[data-readout=quiet]", TEXT.student.quiet);
  const offer = button("offer.quiet", TEXT.student.offer, toggleOffer);
  const offerSaid = h("p.soft[role=status][data-readout=offered]");
  const server = noticed(api, store);
  let room = createRoom(server, code);
  const delivery = createDelivery({
    kept,
    code,
    answer: (unsent, sent) => session.persist(() => asStudent(() => room.answer(unsent, sent))),
  });
  const shared = createSharedStream(api);
  const countDown = createCountDown();
  const frame = h("iframe.class-program", { title: TEXT.student.program });
  let framed = ""; // the program and view that it was to show last
  let path = ""; // of its page
  /** @type {RoomState | null} */
  let now = null;
  /** @type {StudentQuestion | null} */
  let personal = null;
  /** @type {import("./question.js").RoomQuestion | null} */
  let form = null;
  let alone = kept.of(code).alone ?? false;
  let offered = false;
  let link = "live";
  let personalShown = 0;
  let moved = false;
  let showing = 0;
  let base = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let snap;

  /** The class is over, or there is none. @param {string} text */
  function end(text) {
    root.replaceChildren(
      h(
        "div.lesson-body",
        h("h2", TEXT.student.title(code)),
        h("p[data-readout=ended][role=alert]", text),
        h("p", h("a", { href: `${ROOT}join` }, TEXT.student.retype)),
      ),
    );
    store.set({ veil: null });
  }

  async function join() {
    const { token } = await room.join(kept.of(code).token);
    kept.put(code, { token });
    room = createRoom(server, code, { token });
  }

  /**
   * As this student; as a new one if the lecturer removed those who were silent.
   * @template T @param {() => Promise<T>} run @returns {Promise<T>}
   */
  async function asStudent(run) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 403) throw error;
      await join();
      return run();
    }
  }

  /**
   * Called once by the page, in place of reading a view from the address.
   * @returns {Promise<LinkedView>}
   */
  async function read() {
    try {
      await session.persist(join);
      now = await session.persist(() => room.state());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      end(error.status === 404 ? TEXT.student.missing : error.message);
      return address.read();
    }
    root.replaceChildren(
      h(
        "header.lesson-head.class-head",
        h("h2", TEXT.student.title(code)),
        h("div.class-follow.side-by-side.wraps", following, turn),
        lost,
      ),
      h("div.lesson-body", note, shownAnswer, question, quiet),
      h("footer.lesson-foot.side-by-side", offer, offerSaid),
    );
    if (now.hold) setAlone(false);
    veil();
    await look();
    const view = await wanted();
    if (!alone && view !== null) history.replaceState(null, "", `#${view}`);
    personalShown = personalOpen();
    draw();
    showing += 1; // until the page shows it
    const { token } = kept.of(code);
    shared.follow({ room: code, token }, { room: heard }, became);
    addEventListener("offline", () => became("lost"));
    setInterval(() => report(true), PLACE_AGAIN);
    sendAgain();
    return address.read();
  }

  /** The page shows its first frame. */
  function begun() {
    if (showing) settled();
  }

  // What the lecturer shows

  /** The view that a student who follows has; null: stay. @returns {Promise<string | null>} */
  async function wanted() {
    if (personal?.scene && personalOpen()) return personalView(personal.scene);
    const scene = now?.scene;
    if (!scene || scene.program) return null;
    if (scene.view !== undefined) return common(scene.view);
    const { experiment, step, line } = scene;
    if (experiment === undefined && line === undefined && step === undefined) return null;
    // a script names the experiment
    const recipe = experiment
      ? (await session.persist(() => api.get(`/experiments/${experiment}`))).experiment
      : state.recipe;
    return viewOfScript(scene, recipe);
  }

  const signature = () =>
    JSON.stringify([state.experiment?.id, state.step, state.line, state.sample, state.entry]);

  /** Whether the page shows the working that it showed when the scene came. */
  const isBack = () => {
    const [id, step, , sample] = base ? JSON.parse(base) : [];
    return id === state.experiment?.id && step === state.step && sample === state.sample;
  };

  function settled() {
    showing -= 1;
    if (showing) return;
    base = signature();
    report();
    drawAnswer();
  }

  /** @param {string} view @param {boolean} [again] once more if a key moved on meanwhile */
  async function show(view, again = true) {
    showing += 1;
    if (state.playing) player.pause();
    try {
      await address.show(view);
    } finally {
      settled();
    }
    const { line = state.line } = fromHash(view);
    if (again && now?.hold && !showing && line !== state.line) await show(view, false);
  }

  /** The question that is open with personal numbers, or a card; else 0. */
  const personalOpen = () => (personal?.scene && personal.state === "open" ? personal.number : 0);

  async function toScene() {
    if (!alone) personalShown = personalOpen();
    const view = await wanted();
    if (view !== null && !alone) await show(view);
  }

  function veil() {
    const ofScene = veilOf(now, state.frame?.layers.length ?? 1);
    const hidden =
      personal?.scene?.hide && personal.state !== "revealed" ? personal.scene.hide : null;
    const next = ofScene ?? (hidden ? { from: hidden, bare: false } : null);
    if (JSON.stringify(next) !== JSON.stringify(state.veil)) store.set({ veil: next });
  }

  function setAlone(/** @type {boolean} */ on) {
    if (alone === on) return;
    alone = on;
    kept.put(code, { alone });
  }

  function leaveOrBack() {
    setAlone(!alone);
    draw();
    moved = false;
    if (!alone) toScene();
  }

  // Opening another experiment or step ends following; if attention is held, the scene returns.
  store.on(MOVES, () => {
    if (!now || showing || state.pending || !base) return;
    report();
    if (signature() === base || alone) return;
    if (now.hold) {
      clearTimeout(snap);
      snap = setTimeout(toScene, SNAP);
      return;
    }
    const [id, step] = JSON.parse(base);
    if (id === state.experiment?.id && step === state.step) return;
    setAlone(true);
    draw();
  });

  // What is heard from the room

  async function heard(/** @type {RoomState} */ next) {
    if (now && next.version < now.version) return;
    const scene = now?.scene;
    now = next;
    moved ||= placeOf(scene) !== placeOf(next.scene);
    if (next.hold && alone) {
      setAlone(false);
      moved = true;
      personalShown = 0;
    }
    veil();
    const { question } = next;
    // The answer to a state before may still be on its way.
    if (question?.number !== personal?.number || question?.state !== personal?.state) await look();
    else timed();
    if (now !== next) return; // a newer one came meanwhile
    draw();
    const open = personalOpen();
    // Individual numbers stay, with the answer, until the next question or another scene.
    const fresh = open
      ? open !== personalShown
      : moved || (personalShown > 0 && question?.number !== personalShown);
    if (!fresh || alone) {
      personalShown = open || personalShown;
      return;
    }
    // What moved while numbers were personal is shown when that question is closed.
    if (!open) moved = false;
    await toScene();
  }

  /** What of a scene is a place in the explorer. @param {RoomScene | null | undefined} scene */
  const placeOf = (scene) => JSON.stringify({ ...scene, answer: null, note: null, hide: null });

  const timed = () =>
    countDown(now?.question, (left) => form?.number === now?.question?.number && form?.time(left));

  /** Ask for the question with this student's numbers, answer and mark. */
  async function look() {
    const number = now?.question?.number;
    if (!number) {
      personal = null;
      return;
    }
    const answer = await session.persist(() => asStudent(() => room.question(number)));
    if (number !== now?.question?.number) return;
    personal = answer;
    veil();
    if (!answer.shown) return;
    if (form?.number !== number) {
      const { draft } = kept.of(code);
      form = createRoomQuestion(answer, {
        send,
        draft: draft?.question === number ? draft.fields : null,
        keep: (fields) => kept.put(code, { draft: { question: number, fields } }),
        titleOf: (name) => state.catalog?.misconceptions.find((one) => one.name === name)?.title,
      });
      question.replaceChildren(form.element);
    }
    form.update(answer);
    report();
    form.count(now.question.counts);
    timed();
  }

  async function send(/** @type {unknown} */ answer) {
    if (!personal) return null;
    const { number, attempt } = personal;
    return received(await delivery.send({ question: number, attempt: (attempt ?? 0) + 1, answer }));
  }

  /** @param {import("./delivery.js").Delivered} delivered */
  function received({ question, answer, attempt, mark }) {
    if (personal?.number === question) personal = { ...personal, attempt, answer, mark };
    return mark;
  }

  async function sendAgain() {
    try {
      const delivered = await delivery.sendAgain();
      if (!delivered) return;
      received(delivered);
      await look();
      draw();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  function became(/** @type {"live" | "lost" | "gone"} */ is) {
    link = is;
    if (is === "gone") return end(TEXT.student.gone);
    draw();
  }

  // What the student tells

  /** The card of a lesson that the question is, else the line on the page. */
  const place = () =>
    personal?.card && personal.state === "open" ? { card: personal.card } : { line: state.line };
  const tell = createReporter((what) => asStudent(() => room.place(what)));
  const report = (always = false) => {
    if (now && link !== "gone") tell(place(), always);
  };

  async function toggleOffer() {
    const view = offered ? null : hashOf(state);
    try {
      await asStudent(() => room.offer(view === null ? null : common(view)));
      offered = view !== null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      write(offerSaid, error.message);
      return;
    }
    set(offer, { "aria-pressed": String(offered) });
    write(offerSaid, offered ? TEXT.student.offered : "");
  }

  /** A program that the lecturer shows takes the explorer's place for those who follow. */
  function drawProgram() {
    const { program = "", view = "" } = (!alone && !personalOpen() && now?.scene) || {};
    const wants = JSON.stringify([program, view]);
    if (wants === framed) return;
    framed = wants;
    document.body.dataset.program = String(Boolean(program));
    if (!program) return frame.remove();
    const address = `${ROOT}${program}?embed=1#${common(view)}`;
    // of the same page the line alone changes
    if (frame.isConnected && path === program) frame.contentWindow?.location.replace(address);
    else frame.src = address;
    path = program;
    if (!frame.isConnected) find(".desk", HTMLElement).append(frame);
  }

  function draw() {
    if (!now) return;
    drawProgram();
    const { hold, scene } = now;
    // the explorer has numbers of this student alone
    const isPersonal =
      personal?.scene && personal.own_numbers && personal.state === "open" && !alone;
    const mode = hold ? "held" : alone ? "alone" : "following";
    write(following, isPersonal && !hold ? TEXT.student.personal : TEXT.student.modes[mode]);
    set(following, { "data-mode": mode });
    write(turn, alone ? TEXT.student.back : TEXT.student.leave);
    set(turn, { class: alone ? "primary" : "quiet" });
    turn.hidden = hold;
    lost.hidden = link !== "lost";
    write(lost, link === "lost" ? TEXT.student.lost : "");
    note.hidden = !scene?.note;
    write(note, scene?.note ?? "");
    const asked = form !== null && form.number === now.question?.number;
    question.hidden = !asked;
    document.body.dataset.asked = String(asked && now.question?.state === "open");
    quiet.hidden = asked;
    drawAnswer();
  }

  function drawAnswer() {
    const { answer } = now?.scene ?? {};
    const here = !personalShown && isBack();
    shownAnswer.replaceChildren(
      answer && state.trace ? answerCard(state, answer, now?.question ?? null, { here }) : "",
    );
  }
  store.on(["trace", "entry", "line", "veil", "catalog"], drawAnswer);

  // the way to the explorer keeps what is on the page
  leadTo(slot("explore"), state);

  return { read, begun };
}
