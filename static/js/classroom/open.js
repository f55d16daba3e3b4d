/** The page that opens a room, and lists those of this browser. */
import { named, nameOf } from "../core/names.js";
import { API, ROOT } from "../core/root.js";
import { rich } from "../lessons/rich.js";
import { createApi, Lost, Problem } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { find, h, set, slot, write } from "../ui/dom.js";
import { openPage } from "../ui/page.js";
import { openKept } from "./kept.js";
import { createRoom, openRoom } from "./room.js";
import { common } from "./scenes.js";
import { optionBars, wordsPart } from "./teach-parts.js";

const MOST_VIEW = 16_000; // characters, as the server takes them

openPage();
const api = createApi(API);
const kept = openKept();
const button = find('[data-action="open-room"]', HTMLButtonElement);
const students = find('[data-field="students"]', HTMLInputElement);

async function open() {
  if (!students.reportValidity()) return;
  set(button, { "aria-busy": "true" });
  const view = common(location.hash.slice(1));
  try {
    const scene = view && view.length <= MOST_VIEW ? { view } : null;
    const { code, key, screen } = await openRoom(api, scene, students.valueAsNumber || null);
    kept.put(code, { key, screen });
    kept.show(code);
    location.href = `${ROOT}teach/${code}`;
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Lost)) throw error;
    write(slot("said"), error.message);
    set(button, { "aria-busy": null });
  }
}

function row(/** @type {string} */ code) {
  return h(
    "li",
    { "data-room": code },
    h("strong.math", code),
    h("a", { href: `${ROOT}teach/${code}` }, TEXT.lecturer.view),
    h(
      "button.quiet",
      {
        onclick() {
          kept.forget(code);
          list();
        },
      },
      TEXT.teach.forget,
    ),
  );
}

/** Rooms that have ended are forgotten. */
async function list() {
  const codes = kept.taught();
  const there = await Promise.all(
    codes.map(async (code) => {
      try {
        await createRoom(api, code).state();
      } catch (error) {
        if (error instanceof Problem && error.status === 404) kept.forget(code);
      }
      return kept.of(code).key ? code : null;
    }),
  );
  const rows = there.filter((code) => code !== null).map((code) => row(code));
  slot("rooms").replaceChildren(
    ...(rows.length ? [h("h2", TEXT.teach.rooms), h("ul.room-list", rows)] : []),
  );
}

const file = find('[data-field="record"]', HTMLInputElement);
file.addEventListener("change", async () => {
  const record = readRecord((await file.files?.[0]?.text()) ?? "");
  slot("record").replaceChildren(
    record ? recordPart(record) : h("p.problem[role=alert]", TEXT.teach.noRecord),
  );
});
button.addEventListener("click", open);
button.disabled = false;
list();
document.body.dataset.ready = "true";

const FORMAT = "backprop-explorer-class";

/** @typedef {Schemas["RoomRecord"]} Kept */
/** @param {string} text of a file @returns {Kept | null} null if it is no record */
function readRecord(text) {
  try {
    const record = JSON.parse(text);
    return record.format === FORMAT && Array.isArray(record.questions) ? record : null;
  } catch {
    return null;
  }
}

/** @param {Kept} record @returns {HTMLElement} */
const recordPart = ({ code, opened, students, questions }) =>
  h(
    "article.record[data-readout=record]",
    h("h2", TEXT.teach.recordOf(code, new Date(1000 * opened).toLocaleString())),
    h("p.soft", TEXT.teach.joined(students)),
    questions.map((question) => questionPart(question)),
  );

function questionPart(/** @type {Kept["questions"][number]} */ question) {
  const { number, again, line, text, options, right_option: answer, groups } = question;
  const solution = answer === null ? null : { answer, message: [], after: [], reasons: null };
  return h(
    "section",
    h("h3", again ? TEXT.teach.secondRound(number, again) : TEXT.student.question(number)),
    question.shown ? rich(question.shown.prompt) : h("p", text),
    h(
      "p.soft",
      [
        line ? nameOf(named(line)) : "",
        TEXT.teach.recorded(question.answered, question.right, question.close, question.wrong),
      ]
        .filter(Boolean)
        .join(": "),
    ),
    optionBars({ shown: question.shown, number, solution }, options, null),
    wordsPart(groups, null),
    !options && question.mistakes.length
      ? h(
          "ul",
          question.mistakes.map((mistake) =>
            h(
              "li",
              `${mistake.count} × ${mistake.title ?? TEXT.teach.unnamed}`,
              mistake.line ? ` (${nameOf(named(mistake.line))})` : "",
            ),
          ),
        )
      : null,
  );
}
