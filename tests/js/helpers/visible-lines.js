/**
 * Which lines the page shows at each card of a lesson: reads one from each line of standard input,
 * writes a line with the ids of the visible lines, once with the card's own question open and once
 * answered.
 */
import { createInterface } from "node:readline";
import { veiled } from "../../../static/js/core/veil.js";
import { veilAt, viewAt } from "../../../static/js/lessons/scenes.js";

const shown = ({ cards, traces }) =>
  cards.map((_, at) => {
    const trace = traces[at];
    if (!trace) return null;
    const visible = (answered) => {
      const done = cards.slice(0, at + answered).map(({ name }) => name);
      const veil = veilAt(cards, at, (name) => done.includes(name));
      return trace.lines.filter(({ id }) => !veiled({ veil, trace }, id)).map(({ id }) => id);
    };
    return { view: viewAt(cards, at), open: visible(0), answered: visible(1) };
  });

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(shown(JSON.parse(line)))}\n`);
}
