/**
 * What this browser keeps of rooms: a lecturer's keys, a student's tokens, and answers that are not
 * sent yet. In local storage alone; nothing of it is ever in an address.
 */
import { keep, kept } from "../core/storage.js";

const NAME = "backprop-explorer.rooms";
const MOST = 20; // rooms; the oldest are forgotten

/** @param {() => number} [now] ms */
export function openKept(now = Date.now) {
  let text = "{}";

  /** @returns {KeptRooms} read anew each time: another window may have written */
  function all() {
    text = kept(NAME) ?? text; // where nothing is kept, what this page itself wrote
    try {
      const { rooms = {}, shown = null } = JSON.parse(text);
      return { rooms, shown };
    } catch {
      return { rooms: {}, shown: null };
    }
  }

  function write(/** @type {KeptRooms} */ { rooms, shown }) {
    const newest = Object.entries(rooms).sort(([, a], [, b]) => b.at - a.at);
    text = JSON.stringify({ rooms: Object.fromEntries(newest.slice(0, MOST)), shown });
    keep(NAME, text);
  }

  return {
    /** @param {string} code @returns {KeptRoom} */
    of: (code) => all().rooms[code] ?? { at: 0 },
    /** @param {string} code @param {Partial<KeptRoom>} change */
    put(code, change) {
      const { rooms, shown } = all();
      write({ rooms: { ...rooms, [code]: { ...rooms[code], ...change, at: now() } }, shown });
    },
    forget(/** @type {string} */ code) {
      const { rooms, shown } = all();
      const { [code]: _, ...others } = rooms;
      write({ rooms: others, shown: shown === code ? null : shown });
    },
    /** The rooms whose lecturer uses this browser, the one used last first. */
    taught: () =>
      Object.entries(all().rooms)
        .filter(([, { key }]) => key)
        .sort(([, a], [, b]) => b.at - a.at)
        .map(([code]) => code),
    /** The room that the explorer shows to. @returns {string | null} */
    shown() {
      const { rooms, shown } = all();
      return shown && rooms[shown]?.key ? shown : null;
    },
    show(/** @type {string | null} */ code) {
      write({ rooms: all().rooms, shown: code });
    },
  };
}

/** @typedef {ReturnType<typeof openKept>} Keeper */
