/** A question of the lecturer, from what is filled in. */

/**
 * @typedef {Required<Pick<QuestionRequest, "kind" | "feedback">> & {own: boolean, entry: string,
 *   prompt: string, options: string[], right: number, link: string}} Fields as typed
 * @typedef {{experiment: string, step: number, sample: number | "batch", line: string,
 *   convention: string, reduction: string | null, scalar: boolean}} Subject what the explorer shows
 * @typedef {"entry" | "prompt" | "link"} Need a key of the texts
 */

const ENTRIES = ["sign", "number"];

/**
 * "2, 1", as in NumPy.
 * @param {string} text
 * @returns {number[] | null} counted from 0; null if it is no entry
 */
export function readEntry(text) {
  const parts = text
    .trim()
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const good = parts.length > 0 && parts.every((n) => Number.isInteger(n) && n >= 0);
  return good ? parts : null;
}

/**
 * The address of a lesson's card, as the page of the lesson has it.
 * @param {string} text
 * @returns {{lesson: string, card: number, seed: string | null} | null} card: counted from 0
 */
export function readLessonLink(text) {
  const found = /\/lessons\/([a-z0-9-]+)(\?[^#\s]*)?(?:#card=(\d{1,4}))?\s*$/.exec(text.trim());
  if (!found) return null;
  const seed = new URLSearchParams(found[2] ?? "").get("seed");
  return { lesson: found[1], card: Math.max(0, Number(found[3] ?? 1) - 1), seed };
}

/** A seed as the API has it: a number, or text. @param {string | null} seed */
const seedOf = (seed) => (seed !== null && /^\d{1,9}$/.test(seed) ? Number(seed) : seed);

/**
 * @param {Fields} fields @param {Subject} subject
 * @param {(lesson: string, card: number) => Promise<string | null>} cardName name of a card
 * @returns {Promise<{question: QuestionRequest} | {need: Need}>}
 */
export async function questionOf(fields, subject, cardName) {
  const { kind, own, feedback } = fields;
  if (kind === "choice") {
    const options = fields.options.map((text) => text.trim());
    const given = options.filter(Boolean);
    const right = options[fields.right] ? given.indexOf(options[fields.right]) : -1;
    if (!fields.prompt.trim() || given.length < 2 || right < 0) return { need: "prompt" };
    return { question: { kind, feedback, prompt: fields.prompt.trim(), options: given, right } };
  }
  if (kind === "lesson") {
    const link = readLessonLink(fields.link);
    const card = link && (await cardName(link.lesson, link.card));
    if (!link || !card) return { need: "link" };
    const seed = seedOf(link.seed);
    const chosen = seed === null || own ? {} : { seed };
    return { question: { kind, feedback, own_numbers: own, lesson: link.lesson, card, ...chosen } };
  }
  const { experiment, step, sample, line, convention, reduction, scalar } = subject;
  const common = { kind, feedback, own_numbers: own, experiment, step, sample, convention };
  const scaled = reduction === null ? common : { ...common, reduction };
  if (kind === "working") return { question: scaled };
  const entry = ENTRIES.includes(kind) && !scalar ? readEntry(fields.entry) : null;
  if (kind === "number" && !scalar && !entry) return { need: "entry" };
  if (ENTRIES.includes(kind) && !scalar && fields.entry.trim() && !entry) return { need: "entry" };
  return { question: entry ? { ...scaled, line, entry } : { ...scaled, line } };
}
