/** The help sheet: how the page is meant, and every key. */
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
  const terms = h("p", h("strong", `${TEXT.words.all} `), words);
  /** @type {Command[]} */
  let listed = [];
  const single = h("input[type=checkbox]", {
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
        terms,
        h(
          "p.help-pages",
          h("strong", TEXT.help.forLecturers),
          h("a[data-slot=teach]", { href: `${ROOT}teach` }, TEXT.help.teach),
          h("a", { href: `${ROOT}lessons` }, TEXT.help.sheetsAndLinks),
          h("strong", TEXT.help.forPrograms),
          h("a", { href: `${ROOT}docs` }, TEXT.help.api),
        ),
      ),
      h(
        "table.keys",
        h("caption", TEXT.help.keys),
        rows,
        h("tfoot", h("tr", h("td[colspan=2]", h("label", single, TEXT.help.typeCharacters)))),
      ),
    ),
  );
  dialog.addEventListener("click", (/** @type {Event} */ event) => {
    if (event.target === dialog) dialog.close();
  });
  const toggle = () => {
    if (dialog.open) return dialog.close();
    if (!rows.hasChildNodes()) write();
    words.replaceChildren(...allWords()); // the catalog has added some
    dialog.showModal();
  };
  /** What takes long is written when it is read first. */
  function write() {
    terms.before(...paragraphs.map(([title, text]) => h("p", h("strong", title), worded(text))));
    rows.append(
      ...listed.map(({ keys, shown, text }) =>
        h(
          "tr",
          { "data-letter": Object.keys(keys).some(isCharacter) },
          h(
            "th[scope=row]",
            shownKeys({ keys, shown }).map((key) => h("kbd", key)),
          ),
          h("td", text),
        ),
      ),
    );
  }
  return {
    toggle,
    /** @param {Command[]} commands of the table of keys */
    show(commands) {
      listed = commands;
    },
  };
}
