/** A question of the lecturer, from what is filled in. */

const ENTRIES = ["sign", "number"];

/**
 * "2, 1", as in NumPy.
 * @param {string} text @returns {number[] | null} counted from 0; null if it is no entry
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

/** A seed as the API has it: a number, or text. @param {string} seed */
const seedOf = (seed) => (/^\d{1,9}$/.test(seed) ? Number(seed) : seed);

/**
 * @param {AskFields} fields @param {AskSubject} subject
 * @returns {{question: QuestionRequest} | {need: AskNeed}}
 */
export function questionOf(fields, subject) {
  const { kind, personal, feedback } = fields;
  const prompt = fields.prompt.trim();
  if (kind === "text") return prompt ? { question: { kind, feedback, prompt } } : { need: "text" };
  if (kind === "choice") {
    const rows = fields.options
      .map((text, k) => ({ text: text.trim(), why: fields.reasons[k].trim(), k }))
      .filter(({ text }) => text);
    const right = rows.findIndex(({ k }) => k === fields.right);
    if (!prompt || rows.length < 2 || right < 0) return { need: "prompt" };
    const options = rows.map(({ text }) => text);
    const reasons = rows.map(({ why }) => why);
    return { question: { kind, feedback, prompt, options, reasons, right } };
  }
  if (kind === "lesson") {
    const { lesson, card } = fields;
    if (!lesson || !card) return { need: "card" };
    const seed = fields.seed.trim();
    const chosen = !seed || personal ? {} : { seed: seedOf(seed) };
    return { question: { kind, feedback, own_numbers: personal, lesson, card, ...chosen } };
  }
  const { experiment, step, sample, line, convention, reduction, scalar } = subject;
  const common = { kind, feedback, own_numbers: personal, experiment, step, sample, convention };
  const scaled = reduction === null ? common : { ...common, reduction };
  if (kind === "working") return { question: scaled };
  const entry = ENTRIES.includes(kind) && !scalar ? readEntry(fields.entry) : null;
  if (kind === "number" && !scalar && !entry) return { need: "entry" };
  if (ENTRIES.includes(kind) && !scalar && fields.entry.trim() && !entry) return { need: "entry" };
  return { question: entry ? { ...scaled, line, entry } : { ...scaled, line } };
}
