/** The panel beside a student's explorer: whom the page follows, the question, and the offer. */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { button, h, panel, set, write } from "../ui/dom.js";
import { answerCard } from "./answer-card.js";

/**
 * @typedef {{room: RoomState, alone: boolean, personal: boolean, lost: boolean,
 *   hasQuestion: boolean}} Shown personal: the explorer has numbers of this student alone;
 *   hasQuestion: the question is there
 */

/**
 * @param {string} code @param {Store} store @param {{turn: () => void, offer: () => void}} actions
 */
export function createStudentPanel(code, { state }, { turn, offer }) {
  const root = panel("class");
  const following = h("p[data-readout=following][role=status]");
  const turnButton = h("button[data-action=class-follow]", { onclick: turn });
  const lost = h("p.class-lost.smaller[data-readout=link][role=status]");
  const note = h("p.class-note[data-readout=note]");
  const shownAnswer = h("div[data-slot=shown-answer]");
  const question = h("div[data-slot=question]");
  const quiet = h("p.soft[data-readout=quiet]", TEXT.student.quiet);
  const offerButton = button("offer.quiet", TEXT.student.offer, offer);
  const offerSaid = h("p.soft[role=status][data-readout=offered]");

  return {
    mount() {
      root.replaceChildren(
        h(
          "header.lesson-head.class-head",
          h("h2", TEXT.student.title(code)),
          h("div.class-follow.side-by-side.wraps", following, turnButton),
          lost,
        ),
        h("div.lesson-body", note, shownAnswer, question, quiet),
        h("footer.lesson-foot.side-by-side", offerButton, offerSaid),
      );
    },
    /** The class is over, or there is none. @param {string} text */
    end(text) {
      root.replaceChildren(
        h(
          "div.lesson-body",
          h("h2", TEXT.student.title(code)),
          h("p[data-readout=ended][role=alert]", text),
          h("p", h("a", { href: `${ROOT}join` }, TEXT.student.retype)),
        ),
      );
    },
    draw(/** @type {Shown} */ { room, alone, personal, lost: isLost, hasQuestion }) {
      const { hold, scene } = room;
      const mode = hold ? "held" : alone ? "alone" : "following";
      write(following, personal && !hold ? TEXT.student.personal : TEXT.student.modes[mode]);
      set(following, { "data-mode": mode });
      write(turnButton, alone ? TEXT.student.back : TEXT.student.leave);
      set(turnButton, { class: alone ? "primary" : "quiet" });
      turnButton.hidden = hold;
      lost.hidden = !isLost;
      write(lost, isLost ? TEXT.student.lost : "");
      note.hidden = !scene?.note;
      write(note, scene?.note ?? "");
      question.hidden = !hasQuestion;
      document.body.dataset.asked = String(hasQuestion && room.question?.state === "open");
      quiet.hidden = hasQuestion;
    },
    /**
     * @param {RoomState | null} room @param {boolean} here the page shows what the lecturer shows
     */
    drawAnswer(room, here) {
      const shared = room?.scene?.answer;
      shownAnswer.replaceChildren(
        shared && state.trace ? answerCard(state, shared, room?.question ?? null, { here }) : "",
      );
    },
    ask: (/** @type {HTMLElement} */ form) => question.replaceChildren(form),
    /** @param {boolean} offered @param {string} [problem] */
    offered(offered, problem) {
      set(offerButton, { "aria-pressed": String(offered) });
      write(offerSaid, problem ?? (offered ? TEXT.student.offered : ""));
    },
  };
}
