/**
 * Keys. A key that a field or a list needs for itself is left to it.
 */

export const KEYS = [
  { keys: ["←", "→"], text: "line before, line after" },
  { keys: ["space"], text: "play, pause" },
  { keys: [",", "."], text: "one training step back, on" },
  { keys: ["Home"], text: "to step 0" },
  { keys: ["[", "]"], text: "sample before, sample after" },
  {
    keys: ["dbl-click", "Enter"],
    text: "on an entry of W, b, x or the target: type another value",
  },
  { keys: ["drag", "+", "−"], text: "on such an entry: change it" },
  { keys: ["Ctrl+Z", "Ctrl+Shift+Z"], text: "undo, redo a change to the experiment" },
  { keys: ["s"], text: "share: link, NumPy, files" },
  { keys: ["n"], text: "branch from this step" },
  { keys: ["h"], text: "gradient flow, health, cost nearby" },
  { keys: ["b"], text: "one sample, whole batch" },
  { keys: ["c"], text: "next convention" },
  { keys: ["m"], text: "mark my own numbers of this line" },
  { keys: ["j"], text: "with or without Jacobians" },
  { keys: ["Backspace"], text: "one back on the way to where a number came from" },
  { keys: ["Esc"], text: "choose nothing" },
  { keys: ["p"], text: "projector: stage and working only, larger" },
  { keys: ["t"], text: "light, dark, as the system" },
  {
    keys: ["Tab", "arrows"],
    text: "in the network: between neurons; in a matrix: between entries",
  },
  { keys: ["?"], text: "this sheet" },
];

/** @param {EventTarget | null} target @param {string} key */
function needsKey(target, key) {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog[open]")) return true; // the focus stays a moment in one that was closed
  if (target.matches("input:not([type=range]):not([type=checkbox]), textarea, [contenteditable]"))
    return true;
  if (target.matches("select") && key.length === 1) return true; // it goes to what begins with it
  if (target.matches("select, input[type=range]"))
    return key.startsWith("Arrow") || key === "Home" || key === " ";
  // a focused button is pressed by space
  return key === " " && target.matches("button, a, summary, input[type=checkbox]");
}

/** @param {Record<string, () => void>} actions by key */
export function mountShortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.querySelector(":popover-open")) return; // it closes what is open first
    const action = actions[event.key];
    if (!action || (needsKey(event.target, event.key) && event.key !== "?")) return;
    if (
      event.key === "?" &&
      event.target instanceof Element &&
      event.target.matches("input[type=text]")
    )
      return;
    event.preventDefault();
    action();
  });
}
