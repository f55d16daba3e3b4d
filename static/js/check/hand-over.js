/** What the explorer is told when a marked line is opened there: one's own numbers and their marks. */

import { MINE } from "../core/mine.js";

/** @param {import("../core/wire.js").Check} answer */
export function handOver({ givens, submitted, ...result }) {
  const { read_as: _, not_read: __, settings: ___, ...marks } = result;
  try {
    sessionStorage.setItem(MINE, JSON.stringify({ givens, submitted, result: marks }));
  } catch {
    // forbidden or full: the explorer shows its own numbers only
  }
}
