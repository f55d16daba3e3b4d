/** The record of a class, as it was saved before the class ended. */
import { named, nameOf } from "../core/names.js";
import { rich } from "../lessons/rich.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { optionBars, wordsPart } from "./teach-parts.js";

const FORMAT = "backprop-explorer-class";

/** @typedef {Schemas["RoomRecord"]} Kept */
/** @param {string} text of a file @returns {Kept | null} null if it is no record */
export function readRecord(text) {
  try {
    const record = JSON.parse(text);
    return record.format === FORMAT && Array.isArray(record.questions) ? record : null;
  } catch {
    return null;
  }
}

/** @param {Kept} record @returns {HTMLElement} */
export const recordPart = ({ code, opened, students, questions }) =>
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
