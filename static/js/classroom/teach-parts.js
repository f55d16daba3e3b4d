/** The parts of the lecturer's view: what is on show, answers, places, offers. */
import { named, nameOf } from "../core/names.js";
import { inline, rich } from "../lessons/rich.js";
import { fromHash } from "../state/url.js";
import { TEXT } from "../text/en.js";
import { button, h, s } from "../ui/dom.js";
import { letter, written } from "./answers.js";

const SHOWN_PLACES = 6;

/**
 * @param {RoomState} now @param {TallyQuestion | null} counted @param {string} link
 * @param {string} left how long it is open @returns {Child[]}
 */
export function onShowPart({ scene, question }, counted, link, left) {
  const prompt = question?.shown ? rich(question.shown.prompt) : [];
  const place = scene ? placeOfView(scene) : null;
  const where = place
    ? h("p.soft[data-readout=on-show]", `${TEXT.teach.onShow}: `, place)
    : h("p.soft[data-readout=on-show]", TEXT.teach.nothing);
  const lost = link === "lost" ? h("p.class-lost.smaller[role=status]", TEXT.student.lost) : null;
  if (!question)
    return [where, lost, h("h1", TEXT.teach.noQuestion), h("p.soft", TEXT.teach.howToAsk)];
  return [
    where,
    lost,
    h(
      "h1[data-readout=question]",
      question.again
        ? TEXT.teach.secondRound(question.number, question.again)
        : TEXT.student.question(question.number),
      h("span.timer[data-readout=time-left]", left),
    ),
    h(
      "div.question-text",
      prompt.length
        ? prompt
        : h("p", TEXT.teach.personal(question.line ? nameOf(named(question.line)) : question.kind)),
    ),
    optionBars(question, counted?.options ?? null, counted?.before ?? null),
  ];
}

/**
 * The options of a choice with letters and bars, two rounds beside each other; once it is revealed
 * with the right one, and why the others are wrong.
 * @param {Pick<SharedQuestion, "shown" | "solution" | "number">} question
 * @param {number[] | null} counts null: not to be seen
 * @param {Schemas["RoundBefore"] | null} before @returns {Child}
 */
export function optionBars({ shown, solution, number }, counts, before) {
  if (shown?.kind !== "choice") return null;
  const rounds = [
    ...(before?.options ? [{ name: before.number, counts: before.options }] : []),
    ...(counts ? [{ name: number, counts }] : []),
  ];
  const most = Math.max(1, ...rounds.flatMap((round) => round.counts));
  return h(
    "ol.option-bars",
    shown.options.map((option, k) =>
      h(
        "li",
        { "data-option": k, "data-mark": solution && k === solution.answer ? "right" : null },
        h("strong", letter(k)),
        h(
          "span",
          inline(option),
          solution?.reasons?.[k]?.length
            ? h("span.soft.reason", inline(solution.reasons[k]))
            : null,
        ),
        rounds.length > 0 &&
          h(
            "span.rounds",
            rounds.map((round) =>
              h(
                "span",
                {
                  "aria-label": TEXT.teach.chose(round.counts[k], round.name),
                  class: round.counts === counts ? "bar-round" : "bar-round before",
                },
                bar(round.counts[k], most),
                h("strong", { "data-readout": `option-${k}` }, String(round.counts[k])),
              ),
            ),
          ),
      ),
    ),
  );
}

/** @param {number} width @param {number} most */
const bar = (width, most) =>
  s(
    "svg[preserveAspectRatio=none][aria-hidden=true]",
    { viewBox: `0 0 ${most} 1` },
    s("rect", { width, height: 1 }),
  );

/**
 * Answers in words, collected by likeness.
 * @param {Schemas["TallyGroup"][]} groups
 * @param {((group: Schemas["TallyGroup"]) => void) | null} show to all @returns {Child}
 */
export const wordsPart = (groups, show) =>
  groups.length > 0 &&
  h(
    "ul.word-groups",
    groups.map((group) =>
      h(
        "li",
        h("strong", String(group.count)),
        h("span", group.text ?? TEXT.teach.unlike),
        group.others.length > 0 && h("span.soft", group.others.join(" · ")),
        show &&
          group.text !== null &&
          button("show-words.quiet", TEXT.teach.showWords, () => show(group)),
      ),
    ),
  );

function placeOfView(/** @type {RoomScene} */ scene) {
  if (scene.program) return TEXT.teach.programShown(scene.program.split("/")[1]);
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
  const head = h(
    "div.answers-head",
    h("h2[data-readout=answered]", TEXT.teach.answered(answered, everyone)),
    last === null ? null : h("span.soft", TEXT.teach.last(last)),
  );
  if (question.kind === "text") return [head];
  return [
    head,
    ...countsPart({ right, ...(question.options ? {} : { close }), wrong, left }, everyone),
    question.options ? null : h("p.soft", TEXT.teach.close),
    stuck === null ? null : h("p.soft[data-readout=stuck]", TEXT.teach.stuck(stuck)),
  ];
}

/**
 * How many answers are right, close, wrong or not there yet, as a bar and in numbers.
 * @param {Record<string, number>} counts @param {number} everyone
 */
export function countsPart(counts, everyone) {
  const box = { viewBox: `0 0 ${Math.max(1, everyone)} 1`, preserveAspectRatio: "none" };
  let end = 0;
  const bars = Object.entries(counts).map(([name, width]) => {
    end += width;
    return s("rect", { "data-verdict": name, x: end - width, width, height: 1 });
  });
  const numbers = Object.entries(counts).map(([name, n]) =>
    h(
      "div",
      { "data-verdict": name },
      h("dt", TEXT.teach.verdicts[name] ?? TEXT.teach.working),
      h("dd", { "data-readout": `count-${name}` }, String(n)),
    ),
  );
  return [
    s("svg.answers-bar[aria-hidden=true]", { ...box }, bars),
    h("dl.answers-counts", numbers),
  ];
}

/**
 * @param {Mistake} mistake
 * @param {{catalog: Catalog | null, of: number, revealed: boolean, choice: boolean,
 *   show: () => void}} options choice: answers are options
 * @returns {Child[]}
 */
export function firstPart({ misconception, title, line, count, example }, options) {
  const known = options.catalog?.misconceptions.find(({ name }) => name === misconception);
  const at = line ? nameOf(named(line)) : "";
  const text = example ? written(example.answer) : "";
  const option = options.choice && typeof example?.answer === "number";
  return [
    h("h2.first-head", TEXT.teach.first(count, options.of, at)),
    h(
      "p.first-title",
      option ? TEXT.teach.wrongOption(letter(Number(text))) : (title ?? TEXT.teach.unnamed),
    ),
    known?.description ? h("p.soft", known.description) : null,
    text && !option ? h("p.first-example", TEXT.teach.example, " ", h("code", text)) : null,
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
    h("p.soft[data-readout=here]", TEXT.teach.hereOf(here, students)),
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
            h("meter[aria-hidden=true]", { min: 0, max: most, value: count }),
            h("strong", String(count)),
            h("span.soft", TEXT.teach.longest(longest)),
          ),
        ),
    ),
  ];
}

/**
 * @param {{view: string, seconds: number}[]} offers @param {(view: string) => void} open
 * @param {(view: string) => string[]} namesIn what a student named columns and classes
 * @returns {Child[]}
 */
export function offersPart(offers, open, namesIn) {
  if (!offers.length) return [];
  return [
    h("h2", TEXT.teach.offers),
    h(
      "ul.offers",
      offers.map(({ view, seconds }) =>
        h(
          "li",
          h("span", placeOfView({ view })),
          namesIn(view).length > 0 &&
            h("span[data-readout=own-names]", TEXT.teach.studentNames(namesIn(view).join(", "))),
          h("span.soft", TEXT.teach.ago(seconds)),
          button("open-offer.at-end", TEXT.teach.openOffer, () => open(view)),
        ),
      ),
    ),
  ];
}
