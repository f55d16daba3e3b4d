/** The parts of the lecturer's view beside the map: what is on show, answers, places, offers. */
import { named, nameOf } from "../core/names.js";
import { fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { button, h, s } from "../ui/dom.js";
import { written } from "./answers.js";

const SHOWN_PLACES = 6;
const LONGEST_ANSWER = 60; // characters of an example

/** @param {RoomState} now @param {HTMLElement[]} prompt @param {string} link @returns {Child[]} */
export function onShowPart({ scene, question }, prompt, link) {
  const place = scene ? placeOfView(scene) : null;
  const where = place
    ? h("p.soft", { "data-readout": "on-show" }, `${TEXT.teach.onShow}: `, place)
    : h("p.soft", { "data-readout": "on-show" }, TEXT.teach.nothing);
  const lost = link === "lost" ? h("p.class-lost", { role: "status" }, TEXT.student.lost) : null;
  if (!question)
    return [where, lost, h("h1", TEXT.teach.noQuestion), h("p.soft", TEXT.teach.howToAsk)];
  return [
    where,
    lost,
    h("h1", { "data-readout": "question" }, TEXT.student.question(question.number)),
    h(
      "div.question-text",
      prompt.length
        ? prompt
        : h("p", TEXT.teach.ownOf(question.line ? nameOf(named(question.line)) : question.kind)),
    ),
  ];
}

function placeOfView(/** @type {RoomScene} */ scene) {
  /** @type {Fields} */
  const view = { ...scene, ...fromHash(scene.view ?? "") };
  const line = view.line ?? "z1";
  return TEXT.teach.place(nameOf(named(line)), view.step ?? 0, view.recipe?.dataset?.name);
}

/** @param {Tally} tally @returns {Child[]} */
export function answersPart({ question, here, stuck_seconds: stuck }) {
  if (!question) return [h("h2", TEXT.teach.placesLead(here))];
  const { answered, right, close, wrong, last_seconds: last } = question;
  const everyone = Math.max(here, answered);
  const left = question.state === "open" ? everyone - answered : 0;
  const counts = { right, close, wrong, left };
  return [
    h(
      "div.answers-head",
      h("h2", { "data-readout": "answered" }, TEXT.teach.answered(answered, everyone)),
      last === null ? null : h("span.soft", TEXT.teach.last(last)),
    ),
    answersBar(Object.entries(counts), everyone),
    h(
      "dl.answers-counts",
      Object.entries(counts).map(([name, n]) =>
        h(
          "div",
          { "data-verdict": name },
          h("dt", TEXT.teach.verdicts[name] ?? TEXT.teach.working),
          h("dd", { "data-readout": `count-${name}` }, String(n)),
        ),
      ),
    ),
    h("p.soft", TEXT.teach.close),
    stuck === null ? null : h("p.soft", { "data-readout": "stuck" }, TEXT.teach.stuck(stuck)),
  ];
}

/** @param {[string, number][]} counts @param {number} everyone */
function answersBar(counts, everyone) {
  const box = { viewBox: `0 0 ${Math.max(1, everyone)} 1`, preserveAspectRatio: "none" };
  let end = 0;
  const bars = counts.map(([name, width]) => {
    end += width;
    return s("rect", { "data-verdict": name, x: end - width, width, height: 1 });
  });
  return s("svg.answers-bar", { "aria-hidden": "true", ...box }, bars);
}

/**
 * @param {Mistake} mistake
 * @param {{catalog: Catalog | null, of: number, revealed: boolean, show: () => void}} options
 * @returns {Child[]}
 */
export function firstPart({ misconception, title, line, count, example }, options) {
  const known = options.catalog?.misconceptions.find(({ name }) => name === misconception);
  const at = line ? nameOf(named(line)) : "";
  const text = example ? written(example.answer) : "";
  return [
    h("h2.first-head", TEXT.teach.first(count, options.of, at)),
    h("p.first-title", title ?? TEXT.teach.unnamed),
    known?.description ? h("p.soft", known.description) : null,
    text && text.length <= LONGEST_ANSWER
      ? h("p.first-example", TEXT.teach.example, " ", h("code", text))
      : null,
    example
      ? button(
          "show-answer",
          options.revealed ? TEXT.teach.showAnswer : TEXT.teach.revealAndShow,
          options.show,
        )
      : null,
  ];
}

/** @param {Tally} tally @returns {Child[]} */
export function placesPart({ places, here, students }) {
  if (!here) return [];
  const most = Math.max(...places.map(({ count }) => count), 1);
  return [
    h("h2", TEXT.teach.places),
    h("p.soft", { "data-readout": "here" }, TEXT.teach.hereOf(here, students)),
    h(
      "ul.places",
      places
        .slice(0, SHOWN_PLACES)
        .map(({ line, card, count, longest_seconds: longest }) =>
          h(
            "li",
            { "data-line": line ?? "" },
            h(
              "span",
              { class: line ? "math" : null, "aria-label": line ? named(line).spoken : null },
              line ? nameOf(named(line)) : card ? TEXT.teach.card(card) : TEXT.teach.elsewhere,
            ),
            h("meter", { min: 0, max: most, value: count, "aria-hidden": "true" }),
            h("strong", String(count)),
            h("span.soft", TEXT.teach.longest(longest)),
          ),
        ),
    ),
  ];
}

/**
 * @param {{view: string, seconds: number}[]} offers @param {(view: string) => void} open
 * @returns {Child[]}
 */
export function offersPart(offers, open) {
  if (!offers.length) return [];
  return [
    h("h2", TEXT.teach.offers),
    h(
      "ul.offers",
      offers.map(({ view, seconds }) =>
        h(
          "li",
          h("span", placeOfView({ view })),
          h("span.soft", TEXT.teach.ago(seconds)),
          button("open-offer", TEXT.teach.openOffer, () => open(view)),
        ),
      ),
    ),
  ];
}
