/**
 * The help sheet: how the page is meant, and every key.
 */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { titledDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { isCharacter, letters, shownKeys } from "../ui/shortcuts.js";
import { allWords, worded } from "./words.js";

const EXPLORER = [
  [TEXT.help.twoClocks, TEXT.help.twoClocksText],
  [TEXT.help.seenTwice, TEXT.help.seenTwiceText],
  [TEXT.help.whereFrom, TEXT.help.whereFromText],
  [TEXT.help.whatIf, TEXT.help.whatIfText],
  [TEXT.help.colour, TEXT.help.colours],
  [TEXT.help.sample, TEXT.help.samples],
  [TEXT.help.proof, TEXT.help.checks],
];

/** @param {string[][]} [paragraphs] title and text
 * @returns {{toggle: () => void, show: (commands: Command[]) => void}} */
export function mountHelp(paragraphs = EXPLORER) {
  const rows = h("tbody");
  const words = h("span.words");
  const single = h("input", {
    type: "checkbox",
    onchange: () => {
      letters.on = single.checked;
    },
  });
  single.checked = letters.on;
  const dialog = titledDialog(
    { name: "help", id: "help", title: TEXT.help.title },
    h(
      "div.help-body",
      h(
        "div",
        paragraphs.map(([title, text]) => h("p", h("strong", title), worded(text))),
        h("p", h("strong", `${TEXT.words.all} `), words),
        h(
          "p.help-pages",
          h("strong", TEXT.help.forLecturers),
          h("a", { href: `${ROOT}teach`, "data-slot": "teach" }, TEXT.help.teach),
          h("a", { href: `${ROOT}lessons` }, TEXT.help.sheetsAndLinks),
          h("strong", TEXT.help.forPrograms),
          h("a", { href: `${ROOT}docs` }, TEXT.help.api),
        ),
      ),
      h(
        "table.keys",
        h("caption", TEXT.help.keys),
        rows,
        h(
          "tfoot",
          h("tr", h("td", { colspan: "2" }, h("label", single, TEXT.help.typeCharacters))),
        ),
      ),
    ),
  );
  dialog.addEventListener("click", (/** @type {Event} */ event) => {
    if (event.target === dialog) dialog.close();
  });
  const toggle = () => {
    if (dialog.open) return dialog.close();
    words.replaceChildren(...allWords());
    dialog.showModal();
  };
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
              shownKeys(command).map((key) => h("kbd", key)),
            ),
            h("td", command.text),
          ),
        ),
      );
    },
  };
}
