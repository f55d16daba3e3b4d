/**
 * The help sheet: how the page is meant, and every key.
 */
import { h, slot } from "../ui/dom.js";
import { isCharacter, letters, shownKeys } from "../ui/shortcuts.js";

/** @returns {{toggle: () => void, show: (commands: import("./commands.js").Command[]) => void}} */
export function mountHelp() {
  const dialog = slot("help");
  const rows = h("tbody", {});
  const single = h("input", {
    type: "checkbox",
    onchange: () => {
      letters.on = single.checked;
    },
  });
  single.checked = letters.on;
  dialog.append(
    h(
      "header",
      {},
      h("h2", { id: "help-title" }, "How to read this page"),
      h(
        "button",
        { type: "button", onclick: () => dialog.close(), "aria-label": "Close help" },
        "×",
      ),
    ),
    h(
      "div",
      { class: "help-body" },
      h(
        "div",
        {},
        h(
          "p",
          {},
          h("strong", {}, "Two clocks. "),
          "The bar at the bottom moves training steps. The ribbon under the network moves through the lines of one step: forward, cost, backward, update.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "One thing, seen twice. "),
          "Point at an entry of a matrix and its edge or neuron lights up; click a neuron or an edge and its row, column or entry does. The sum below the matrices is that entry, written out.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "Where a number comes from. "),
          "Click an entry to the right of the equals sign: the working turns to the line that made it, and so on, down to the data and the parameters. The path below shows the way back. Entries count from 1, as on paper: the first subscript is the row; NumPy's W[1, 0] is 𝑊₂₁.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "What if. "),
          "Drag an entry of 𝑊, 𝑏, 𝑥 or the target, or double-click it and type. Everything follows; it is a change of the experiment from this step on.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "Colour. "),
          "Blue is positive, orange negative; the stronger and wider, the larger. Teal is forward, amber the cost, violet backward, green the update.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "Samples. "),
          "Click a training point to follow it through the network, or take the whole batch that the next update uses.",
        ),
        h(
          "p",
          {},
          h("strong", {}, "Proof. "),
          "Each gradient is compared with autograd, an independent program, and with finite differences of the cost. The number is the relative error.",
        ),
      ),
      h(
        "table",
        { class: "keys" },
        h("caption", {}, "Keys"),
        rows,
        h(
          "tfoot",
          {},
          h(
            "tr",
            {},
            h(
              "td",
              { colspan: "2" },
              h("label", {}, single, " keys that type a character (off for speech input)"),
            ),
          ),
        ),
      ),
    ),
  );
  dialog.addEventListener("click", (/** @type {Event} */ event) => {
    if (event.target === dialog) dialog.close();
  });
  const toggle = () => (dialog.open ? dialog.close() : dialog.showModal());
  return {
    toggle,
    /** Write the table of keys. */
    show(commands) {
      rows.replaceChildren(
        ...commands.map((command) =>
          h(
            "tr",
            { "data-letter": Object.keys(command.keys).some(isCharacter) },
            h(
              "th",
              { scope: "row" },
              shownKeys(command).map((key) => h("kbd", {}, key)),
            ),
            h("td", {}, command.text),
          ),
        ),
      );
    },
  };
}
