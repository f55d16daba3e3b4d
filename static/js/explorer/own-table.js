/**
 * The dialog for the reader's own table: pasted, dropped or chosen as a file; which column is
 * learned from which others. The text stays, also when the server refuses it.
 */
import { decoded } from "../core/decoded.js";
import { count } from "../core/format.js";
import { describeFit, withOwnData } from "../core/recipe.js";
import {
  classCount,
  describeTable,
  featuresWith,
  lineRange,
  targetsOf,
} from "../core/table-roles.js";
import { isAbort, Lost, Problem } from "../server/api.js";
import { isFilled } from "../state/store.js";
import { TEXT } from "../text/en.js";
import { titledDialog } from "../ui/dialog.js";
import { button, choice, h, patch, set, write } from "../ui/dom.js";

const DELAY = 450; // ms without a key before the server reads
const SHOWN = 200000; // characters: a longer file is sent as it is, and not put into the box
const CELL = /\brows? (\d+)(?:, column (['"])(.*?)\2)?/;

/**
 * @param {Services & { use: UseData, missing: () => {id: string} | null}}
 *   services missing: a table of a link that this server does not have
 */
export function mountOwnTable({ store, api, use, missing }) {
  const { state } = store;
  /** @type {File | null} in place of the text */
  let file = null;
  /** @type {TableChoices} */
  const choices = {};
  /** @type {TableAnswer | null} of the server, to what is in the box */
  let answer = null;
  let columns = "";
  let timer = 0;
  let request = new AbortController();

  const wanted = h("p.wanted.smaller[hidden]");
  const text = h("textarea[id=own-csv][rows=7][spellcheck=false][wrap=off][autocomplete=off]", {
    "aria-describedby": "own-problem own-help",
    placeholder: TEXT.ownTable.example,
  });
  const picker = h("input[type=file][id=own-file]", {
    accept: ".csv,.tsv,.txt,text/csv,text/tab-separated-values",
  });
  const held = h("p.held[hidden]");
  const problem = h("p.problem[id=own-problem][role=alert]");
  const header = choice(
    TEXT.ownTable.namesInFirstRow,
    [
      { value: "yes", text: TEXT.ownTable.yes },
      { value: "no", text: TEXT.ownTable.no },
    ],
    (value) => choose({ header: value === "yes", target: null, features: null, task: null }),
    { "data-control": "own-header" },
  );
  const task = choice(
    TEXT.ownTable.whatIsLearned,
    [
      { value: "classification", text: TEXT.ownTable.classes },
      { value: "regression", text: TEXT.ownTable.aNumber },
    ],
    (value) => choose({ task: /** @type {TableChoices["task"]} */ (value) }),
    { "data-control": "own-task" },
  );
  const settings = h(
    "div.own-settings.smaller.side-by-side.wraps[hidden]",
    h("span.soft[aria-hidden=true]", TEXT.ownTable.firstRowNames),
    header.element,
    h("span.soft[aria-hidden=true]", TEXT.ownTable.learn),
    task.element,
  );
  const preview = h("div.own-preview[role=region][tabindex=0][hidden]", {
    "aria-label": TEXT.ownTable.firstRows,
  });
  const summary = h("p.own-summary.smaller[role=status][data-readout=own-summary]");
  const accept = h(
    "button.primary[type=submit][data-action=use-table][disabled]",
    TEXT.ownTable.useData,
  );
  const form = h(
    "form.own-body[autocomplete=off]",
    wanted,
    h("label[for=own-csv][id=own-help]", TEXT.ownTable.pasteRows),
    text,
    h(
      "div.own-file.smaller.side-by-side.wraps",
      h("label.visually-hidden[for=own-file]", TEXT.ownTable.csvFile),
      picker,
      held,
    ),
    problem,
    settings,
    preview,
    summary,
    h("div.own-actions", accept, h("button", { onclick: () => dialog.close() }, TEXT.ui.cancel)),
  );
  const dialog = titledDialog(
    { name: "own-table", id: "own-table", title: TEXT.ownTable.title },
    form,
  );
  // no shortcuts of the page
  dialog.addEventListener("keydown", (/** @type {Event} */ event) => event.stopPropagation());

  text.addEventListener("input", () => later(DELAY));
  text.addEventListener("paste", () => later(0));
  text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  picker.addEventListener("change", () => {
    const [chosen] = picker.files ?? [];
    if (chosen) take(chosen);
  });
  for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
    dialog.addEventListener(name, (event) => {
      event.preventDefault();
      dialog.classList.toggle("dropping", name === "dragover");
      if (name !== "drop") return;
      const dropped = event.dataTransfer?.files[0];
      const plain = event.dataTransfer?.getData("text/plain");
      if (dropped) take(dropped);
      else if (plain) {
        text.value = plain;
        later(0);
      }
    });
  }

  /** A file: into the box if it is short, to be edited there. @param {File} chosen */
  async function take(chosen) {
    const content = chosen.size <= SHOWN ? await decoded(chosen) : null;
    if (content !== null) {
      text.value = content;
      release();
    } else {
      file = chosen;
      held.replaceChildren(
        TEXT.ownTable.readAsIs(chosen.name, count(Math.ceil(chosen.size / 1024))),
        h("button.small", { onclick: takeText }, TEXT.ownTable.takeText),
      );
      held.hidden = false;
      text.disabled = true;
    }
    picker.value = ""; // the same file can be chosen again
    read();
  }

  function release() {
    file = null;
    held.hidden = true;
    text.disabled = false;
  }

  function takeText() {
    release();
    later(0);
  }

  function choose(/** @type {TableChoices} */ changed) {
    Object.assign(choices, changed);
    read();
  }

  /** @param {number} wait ms */
  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(read, wait);
  }

  async function read() {
    clearTimeout(timer);
    request.abort();
    request = new AbortController();
    const { signal } = request;
    answer = null;
    accept.disabled = true;
    const source = file ?? text.value;
    if (typeof source === "string" && !source.trim()) return show(null, null);
    /** @type {Problem | Lost | null} */
    let refused = null;
    try {
      answer = await api.upload(source, choices, signal);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof Problem) && !(error instanceof Lost)) throw error;
      refused = error;
    }
    const head = answer ?? (refused instanceof Problem ? refused.table : null);
    const names = JSON.stringify(head?.columns.map(({ name }) => name));
    if (names !== columns) {
      columns = names;
      const { header: _, ...ofColumns } = choices;
      // another table: what was chosen of the one before does not count
      if (Object.values(ofColumns).some(Boolean))
        return choose({ target: null, features: null, task: null, incomplete: undefined });
    }
    show(head, refused);
  }

  /** @param {TableHead | null} head @param {Problem | Lost | null} error of the server */
  function show(head, error) {
    const [first] = error instanceof Problem ? error.errors : [];
    const { field, message: said } = first ?? { field: "", message: error?.message ?? "" };
    const incomplete = field === "incomplete" ? parseInt(said, 10) : 0;
    const message = incomplete ? said.split(";")[0] : said; // the rest is about the API
    const [, row, , name] = CELL.exec(message) ?? [];
    write(problem, message ? `${message[0].toUpperCase()}${message.slice(1)}.` : "");
    if (incomplete)
      problem.append(
        " ",
        button(
          "leave-out.small",
          incomplete === 1
            ? TEXT.ownTable.leaveRowOut
            : TEXT.ownTable.leaveRowsOut(count(incomplete)),
          () => {
            choose({ incomplete: "leave_out" });
            preview.focus(); // the button disappears; the preview shows the rows
          },
        ),
      );
    if (row && !file)
      problem.append(
        " ",
        button("show-row.link", TEXT.ownTable.showRow(row), () => select(Number(row))),
      );
    set(text, { "aria-invalid": message ? "true" : null });
    settings.hidden = preview.hidden = !head;
    accept.disabled = !answer;
    if (head) {
      header.show(head.header ? "yes" : "no");
      task.show(answer?.task ?? choices.task ?? "");
      const chosen = { row: Number(row), name, leftOut: answer?.left_out ?? [] };
      patch(preview, tablePreview(head, choices, choose, chosen));
    }
    write(summary, answer ? describe(answer) : "");
    const { id } = missing() ?? {};
    wanted.hidden = !id;
    write(
      wanted,
      !id
        ? ""
        : !answer
          ? TEXT.ownTable.linkNeedsTable
          : answer.id === id
            ? TEXT.ownTable.tableOfLink
            : TEXT.ownTable.notTableOfLink,
    );
    wanted.dataset.found = String(answer?.id === id);
  }

  /** The table, and what output and cost would be fitted to. @param {TableAnswer} table */
  function describe(table) {
    const classes = classCount(table);
    const dataset = table.points ?? table.dataset;
    if (!isFilled(state)) return describeTable(table);
    const fitted = withOwnData(state.recipe, dataset, classes, state.catalog, targetsOf(table));
    return `${describeTable(table)} ${describeFit(fitted, classes, state.catalog)}`;
  }

  /** Select a row in the box. @param {number} row */
  function select(row) {
    const [start, end] = lineRange(text.value, row);
    text.focus();
    text.setSelectionRange(start, end);
    text.scrollTop = ((row - 3) / Math.max(1, text.value.split("\n").length)) * text.scrollHeight;
  }

  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!answer) return;
    const { points, dataset } = answer;
    const linked = missing()?.id === answer.id;
    const refused = await use(
      linked ? dataset : (points ?? dataset),
      classCount(answer),
      targetsOf(answer),
    );
    if (refused) return write(problem, refused);
    dialog.close();
  });

  return {
    open() {
      dialog.showModal();
      read();
      text.focus();
    },
  };
}

/**
 * @param {TableHead} head @param {TableChoices} choices
 * @param {(changed: TableChoices) => void} choose
 * @param {{row: number, name: string | undefined, leftOut: number[]}} chosen row and name: the cell
 *   that the server refused; leftOut: numbers of rows
 */
function tablePreview(head, choices, choose, chosen) {
  const { columns, preview, preview_rows: numbers } = head;
  const roles = columns.map(({ role }) => role);
  // several targets are shown, but only one can be chosen
  const kind = roles.filter((role) => role === "target").length > 1 ? "checkbox" : "radio";
  const leftOut = new Set(chosen.leftOut);
  const classOf = (/** @type {number} */ k) => (roles[k] === "left out" ? "left-out" : null);
  const learn = (/** @type {string} */ name) =>
    choose({
      target: name,
      task: null,
      features: choices.features?.filter((feature) => feature !== name) ?? null,
    });
  /** @param {(column: TableHead["columns"][number], k: number) => HTMLElement | null} build */
  const cells = (build) =>
    columns.map((column, k) => h("td", { class: classOf(k) }, build(column, k)));
  const targets = cells(({ name }, k) =>
    h("input[name=own-target]", {
      type: kind,
      "data-role": `target-${k}`,
      "aria-label": TEXT.ownTable.learnColumn(name),
      checked: roles[k] === "target",
      onchange: () => learn(name),
    }),
  );
  const features = cells(({ name, kind: content }, k) => {
    if (roles[k] === "target") return null;
    // not the element made here: `patch` may give the listener to the one before it
    const onchange = (/** @type {Event & {target: HTMLInputElement}} */ { target }) =>
      choose({ features: featuresWith(columns, name, target.checked) });
    return h("input[type=checkbox]", {
      "data-role": `feature-${k}`,
      "aria-label": TEXT.ownTable.fromColumn(name),
      checked: roles[k] === "feature",
      disabled: content === "text" && roles[k] !== "feature",
      title: content === "text" ? TEXT.ownTable.wordsCannotBeLearned : null,
      onchange,
    });
  });
  /** @param {number} number @param {string} name @param {number} k */
  const cellClass = (number, name, k) => {
    if (number === chosen.row && name === chosen.name) return "bad";
    return leftOut.has(number) ? "left-out" : classOf(k);
  };
  return h(
    "table",
    h("caption.visually-hidden", TEXT.ownTable.rowsAndColumns),
    h(
      "thead",
      h(
        "tr",
        h("td"),
        columns.map(({ name }, k) => h("th[scope=col]", { class: classOf(k), title: name }, name)),
      ),
    ),
    h(
      "tbody",
      h("tr.roles", h("th[scope=row]", TEXT.ownTable.learn), targets),
      h("tr.roles", h("th[scope=row]", TEXT.ownTable.from), features),
      preview.map((row, r) =>
        h(
          "tr",
          h("th[scope=row]", String(numbers[r])),
          columns.map(({ name }, k) =>
            h("td", { class: cellClass(numbers[r], name, k), title: row[k] }, row[k]),
          ),
        ),
      ),
    ),
  );
}
