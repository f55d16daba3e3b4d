/**
 * Which lines the page shows at each card of lessons: reads them from standard input, writes the
 * ids of the visible lines, once with the card's own question open and once answered.
 */
import { readFileSync } from "node:fs";
import { veiled } from "../../../static/js/core/veil.js";
import { veilAt, viewAt } from "../../../static/js/lessons/scenes.js";

const { cards, traces } = JSON.parse(readFileSync(0, "utf8"));
const found = cards.map((_, at) => {
  const trace = traces[at];
  if (!trace) return null;
  const visible = (answered) => {
    const done = cards.slice(0, at + answered).map(({ name }) => name);
    const veil = veilAt(cards, at, (name) => done.includes(name));
    return trace.lines.filter(({ id }) => !veiled({ veil, trace }, id)).map(({ id }) => id);
  };
  return { view: viewAt(cards, at), open: visible(0), answered: visible(1) };
});
process.stdout.write(JSON.stringify(found));
