/**
 * Keys. A key that a field or a list needs for itself is left to it, and single letters can be
 * switched off (WCAG 2.1.4), because speech input types them.
 */
import { keep, kept } from "../core/storage.js";
import { TEXT } from "../text/en.js";

const STORED = "backprop-explorer.letters";
/** How the help writes a key, where its name is not that. @type {Record<string, string>} */
const SHOWN = {
  ...{ ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" },
  ...TEXT.ui.keys,
};

/**
 * The keys of a command as the help shows them.
 * @param {Pick<Command, "keys" | "shown">} command @returns {string[]}
 */
export const shownKeys = ({ keys, shown }) =>
  (shown ?? Object.keys(keys)).map((key) => SHOWN[key] ?? key);

/** @param {string} text @param {Command["keys"]} keys @param {Partial<Command>} [more] */
export const command = (text, keys, more) => ({ text, keys, ...more });

/** Whether a key types a character, which may be a word's in speech input. @param {string} key */
export const isCharacter = (key) => key.length === 1 && key !== " ";

/**
 * The name of a pressed key in the table of commands.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}}
 *   event
 * @returns {string | null} null with keys held that no command has
 */
export function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey) return null;
  if (!ctrlKey && !metaKey) return key;
  return `Ctrl+${shiftKey ? "Shift+" : ""}${key.toLowerCase()}`;
}

/** @param {EventTarget | null} target @param {string} key */
function needsKey(target, key) {
  if (!(target instanceof Element)) return false;
  // undo in the field, or a question mark that is typed
  if (key.startsWith("Ctrl+") || key === "?")
    return target.matches("input[type=text], textarea, [contenteditable]");
  // the focus stays for a moment in a dialog that was closed
  if (target.closest("dialog[open]")) return true;
  if (target.matches("input:not([type=range]):not([type=checkbox]), textarea, [contenteditable]"))
    return true;
  if (target.matches("select") && key.length === 1) return true; // goes to what begins with it
  if (target.matches("select, input[type=range]"))
    return key.startsWith("Arrow") || key === "Home" || key === " ";
  // these scroll the page where it is longer than the window
  if (/^Arrow(Up|Down)$/.test(key) && document.documentElement.scrollHeight > innerHeight + 1)
    return true;
  // a focused button is pressed by space
  return key === " " && target.matches("button, a, summary, input[type=checkbox]");
}

/** Whether single characters are commands; kept in this browser. */
export const letters = {
  get on() {
    return kept(STORED) !== "off";
  },
  set on(on) {
    keep(STORED, on ? null : "off");
  },
};

/**
 * Keys that something open on the page has before all others.
 * @param {EventTarget} root @param {(event: KeyboardEvent) => boolean} take whether it was one
 */
export function takeKeys(root, take) {
  const taken = (/** @type {Event} */ event) => {
    if (!take(/** @type {KeyboardEvent} */ (event))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  root.addEventListener("keydown", taken, true);
}

export function mountShortcuts(/** @type {Command[]} */ commands) {
  /** @type {Record<string, () => void>} */
  const actions = Object.assign({}, ...commands.map(({ keys }) => keys));
  for (const { keys, action } of commands) {
    const button = document.querySelector(`[data-action="${action}"]`);
    const [key, run] = Object.entries(keys)[0] ?? [];
    if (!button || !key || !run) continue;
    button.setAttribute("aria-keyshortcuts", key);
    button.addEventListener("click", run);
  }
  document.addEventListener("keydown", (event) => {
    const key = event.defaultPrevented ? null : nameOf(event);
    if (key === null || !Object.hasOwn(actions, key) || needsKey(event.target, key)) return;
    if (isCharacter(key) && !letters.on) return;
    // a click beside the controls of a dialog puts the focus on the page below: no shortcuts there
    const dialog = document.querySelector("dialog:modal");
    if (dialog && !dialog.contains(/** @type {Node} */ (event.target))) return;
    // Escape closes what is open first
    if (key === "Escape" && document.querySelector(":popover-open")) return;
    event.preventDefault();
    actions[key]();
  });
}
