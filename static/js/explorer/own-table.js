/**
 * A table of one's own: pasted, dropped or chosen as a file; which column is learned from which
 * others. The text stays whatever the server says of it.
 */

import { lineRange, readHead } from "../core/csv-head.js";
import { count } from "../core/format.js";
import { describeFit, withOwnData } from "../core/recipe.js";
import { isAbort, Lost, Problem } from "../server/api.js";
import { choice, h, set, updateChildren, write } from "../ui/dom.js";

const CALM = 450; // ms without a key before the server reads
const SHOWN = 200000; // characters: a longer file is sent as it is, and not put into the box
const CELL = /\brows? (\d+)(?:, column (['"])(.*?)\2)?/;

/**
 * @param {{store: import("../state/store.js").Store, api: import("../server/api.js").Api, use:
 *   (dataset: any, classes: number | null, targets: number) => Promise<string | null>, missing: ()
 *   => {id: string} | null}} surroundings
 */
export function mountOwnTable({ store, api, use, missing }) {
  const { state } = store;
  /** @type {File | null} in place of the text */
  let file = null;
  const choices = { target: null, features: null, task: null, header: null, incomplete: null };
  /** @type {any} the server's answer to what is in the box */
  let answer = null;
  let columns = "";
  let timer = 0;
  let asking = new AbortController();

  const wanted = h("p", { class: "wanted", hidden: true });
  const text = h("textarea", {
    id: "own-csv",
    rows: "7",
    spellcheck: "false",
    wrap: "off",
    autocomplete: "off",
    "aria-describedby": "own-problem own-help",
    placeholder: "width, length, kind\n1.5, 4.2, setosa\n5.1, 6.0, virginica",
  });
  const picker = h("input", {
    type: "file",
    id: "own-file",
    accept: ".csv,.tsv,.txt,text/csv,text/tab-separated-values",
  });
  const held = h("p", { class: "held", hidden: true });
  const problem = h("p", { class: "problem", id: "own-problem", role: "alert" });
  const header = choice(
    "Names in the first row",
    [
      { value: "yes", text: "yes" },
      { value: "no", text: "no" },
    ],
    (value) => choose({ header: value === "yes", target: null, features: null, task: null }),
    { "data-control": "own-header" },
  );
  const task = choice(
    "What is learned",
    [
      { value: "classification", text: "classes" },
      { value: "regression", text: "a number" },
    ],
    (value) => choose({ task: value }),
    { "data-control": "own-task" },
  );
  const settings = h(
    "div",
    { class: "own-settings", hidden: true },
    h("span", { class: "soft", "aria-hidden": "true" }, "first row has names"),
    header.element,
    h("span", { class: "soft", "aria-hidden": "true" }, "learn"),
    task.element,
  );
  const preview = h("div", {
    class: "own-preview",
    role: "region",
    "aria-label": "The first rows",
    tabindex: "0",
    hidden: true,
  });
  const summary = h("p", { class: "own-summary", role: "status", "data-readout": "own-summary" });
  const accept = h(
    "button",
    { type: "submit", class: "primary", "data-action": "use-table", disabled: true },
    "Use this data",
  );
  const form = h(
    "form",
    { class: "own-body", autocomplete: "off" },
    wanted,
    h(
      "label",
      { for: "own-csv", id: "own-help" },
      "Paste rows separated by commas, semicolons or tabs, drop a file here, or choose one.",
    ),
    text,
    h(
      "div",
      { class: "own-file" },
      h("label", { for: "own-file", class: "visually-hidden" }, "CSV file"),
      picker,
      held,
    ),
    problem,
    settings,
    preview,
    summary,
    h(
      "div",
      { class: "own-actions" },
      accept,
      h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
    ),
  );
  const dialog = h(
    "dialog",
    { class: "help own-table", id: "own-table", "aria-labelledby": "own-table-title" },
    h(
      "header",
      {},
      h("h2", { id: "own-table-title" }, "Your own table"),
      h("button", { type: "button", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
    ),
    form,
  );
  document.body.append(dialog);
  // the page's keys are not meant
  dialog.addEventListener("keydown", (event) => event.stopPropagation());

  text.addEventListener("input", () => later(CALM));
  text.addEventListener("paste", () => later(0));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  picker.addEventListener("change", () => picker.files[0] && take(picker.files[0]));
  for (const name of ["dragover", "dragleave", "drop"]) {
    dialog.addEventListener(name, (event) => {
      event.preventDefault();
      dialog.classList.toggle("dropping", name === "dragover");
      if (name !== "drop") return;
      const dropped = event.dataTransfer.files[0];
      const plain = event.dataTransfer.getData("text/plain");
      if (dropped) take(dropped);
      else if (plain) {
        text.value = plain;
        later(0);
      }
    });
  }

  /** A file: into the box if it is short, so that it can be mended there. @param {File} chosen */
  async function take(chosen) {
    const own = chosen.size <= SHOWN ? await decoded(chosen) : null;
    if (own !== null) {
      text.value = own;
      release();
    } else {
      file = chosen;
      held.replaceChildren(
        `${chosen.name}, ${count(Math.ceil(chosen.size / 1024))} kB, is read as it is. `,
        h("button", { type: "button", class: "small", onclick: takeText }, "take the text instead"),
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

  function choose(changed) {
    Object.assign(choices, changed);
    read();
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(read, wait);
  }

  async function read() {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    answer = null;
    const source = file ?? text.value;
    if (typeof source === "string" && !source.trim()) return show(null, null);
    const head = readHead(
      typeof source === "string" ? source : await source.slice(0, 20000).text(),
      choices.header,
    );
    const names = JSON.stringify(head?.columns.map(({ name }) => name));
    if (names !== columns)
      // another table
      Object.assign(choices, { target: null, features: null, task: null, incomplete: null });
    columns = names;
    show(head, null);
    try {
      const found = await api.upload(source, choices, signal);
      if (signal.aborted) return;
      answer = found;
      show(
        {
          columns: found.columns,
          rows: found.preview.map((cells, k) => ({ number: head?.rows[k]?.number ?? 0, cells })),
          header: found.header,
        },
        null,
      );
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      if (!(error instanceof Problem) && !(error instanceof Lost)) throw error;
      show(head, error);
    }
  }

  /** @param {any} head columns and first rows @param {any} error the server's */
  function show(head, error) {
    const { field, message: said = error?.message ?? "" } = error?.errors?.[0] ?? {};
    const incomplete = field === "incomplete" ? parseInt(said, 10) : 0;
    const message = incomplete ? said.split(";")[0] : said; // what follows is for REST
    const [, row, , name] = CELL.exec(message) ?? [];
    write(problem, message ? `${message[0].toUpperCase()}${message.slice(1)}.` : "");
    if (incomplete)
      problem.append(
        " ",
        h(
          "button",
          {
            type: "button",
            class: "small",
            "data-action": "leave-out",
            onclick: () => choose({ incomplete: "leave_out" }),
          },
          incomplete === 1 ? "Leave this row out" : `Leave these ${count(incomplete)} rows out`,
        ),
      );
    if (row && !file)
      problem.append(
        " ",
        h(
          "button",
          {
            type: "button",
            class: "link",
            "data-action": "show-row",
            onclick: () => select(Number(row)),
          },
          `Show row ${row}`,
        ),
      );
    set(text, { "aria-invalid": message ? "true" : null });
    settings.hidden = preview.hidden = !head;
    accept.disabled = !answer;
    if (head) {
      header.show(head.header ? "yes" : "no");
      task.show(answer?.task ?? choices.task ?? "");
      updateChildren(preview, table(head, { row: Number(row), name }));
    }
    write(summary, answer ? describe() : "");
    const { id } = missing() ?? {};
    wanted.hidden = !id;
    write(
      wanted,
      !id
        ? ""
        : !answer
          ? "The link needs the table with which it was made, with the same columns chosen."
          : answer.id === id
            ? "This is the table of the link: it opens as it was."
            : "This is not the table of the link: other rows, or other columns chosen. It can be used all the same, as new data.",
    );
    wanted.dataset.found = String(answer?.id === id);
  }

  function describe() {
    const { rows, task: found, classes, points, left_out: left } = answer;
    const [features, targets] = ["feature", "target"].map(
      (wanted) => answer.columns.filter(({ role }) => role === wanted).length,
    );
    const names = classes.slice(0, 6).join(", ") + (classes.length > 6 ? ", …" : "");
    const what =
      found === "classification"
        ? `${classes.length} classes (${names})`
        : targets > 1
          ? `${targets} numbers`
          : "a number";
    const without = left.length
      ? ` ${left.length === 1 ? "1 incomplete row is" : `${count(left.length)} incomplete rows are`} left out.`
      : "";
    const where = points
      ? "The link will hold them."
      : "Too many for a link: they stay on this server, and a link opens where they are.";
    const number = found === "classification" ? classes.length : null;
    return `${count(rows)} rows: ${what} from ${features} ${features === 1 ? "feature" : "features"}.${without} ${where} ${describeFit(withOwnData(state.recipe, points ?? answer.dataset, number, state.catalog, targets), number, state.catalog)}`;
  }

  /** The first rows, and above each column what it is for. */
  function table({ columns: all, rows }, bad) {
    const role = (column, k) => {
      if (column.role) return column.role; // as the server read it
      if (column.suggested && !choices.target && !choices.features) return column.suggested;
      if (choices.target ? choices.target === column.name : k === all.length - 1) return "target";
      return (choices.features ? choices.features.includes(column.name) : column.kind === "number")
        ? "feature"
        : "left out";
    };
    const roles = all.map(role);
    // several targets are shown, not chosen: a choice is of one
    const kind = roles.filter((one) => one === "target").length > 1 ? "checkbox" : "radio";
    const left = new Set(answer?.left_out);
    const features = () => all.filter((_, k) => roles[k] === "feature").map(({ name }) => name);
    const learn = (name) =>
      choose({
        target: name,
        task: null,
        features: choices.features?.filter((one) => one !== name) ?? null,
      });
    const from = (name, on) =>
      choose({
        features: on
          ? all
              .map((column) => column.name)
              .filter((one) => one === name || features().includes(one))
          : features().filter((one) => one !== name),
      });
    const cells = (build) =>
      all.map((column, k) =>
        h("td", { class: roles[k] === "left out" ? "left-out" : null }, build(column, k)),
      );
    return h(
      "table",
      {},
      h("caption", { class: "visually-hidden" }, "The first rows, and what each column is for"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          all.map(({ name }, k) =>
            h(
              "th",
              { scope: "col", class: roles[k] === "left out" ? "left-out" : null, title: name },
              name,
            ),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        h(
          "tr",
          { class: "roles" },
          h("th", { scope: "row" }, "learn"),
          cells(({ name }, k) =>
            h("input", {
              type: kind,
              name: "own-target",
              "data-role": `target-${k}`,
              "aria-label": `learn ${name}`,
              checked: roles[k] === "target",
              onchange: () => learn(name),
            }),
          ),
        ),
        h(
          "tr",
          { class: "roles" },
          h("th", { scope: "row" }, "from"),
          cells(({ name, kind }, k) =>
            roles[k] === "target"
              ? null
              : h("input", {
                  type: "checkbox",
                  "data-role": `feature-${k}`,
                  "aria-label": `from ${name}`,
                  checked: roles[k] === "feature",
                  disabled: kind === "text" && roles[k] !== "feature",
                  title: kind === "text" ? "Words cannot be learned from" : null,
                  onchange: (event) => from(name, event.target.checked),
                }),
          ),
        ),
        rows.map(({ number, cells: own }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, number ? String(number) : ""),
            all.map(({ name }, k) =>
              h(
                "td",
                {
                  class:
                    number && number === bad.row && name === bad.name
                      ? "bad"
                      : roles[k] === "left out" || left.has(number)
                        ? "left-out"
                        : null,
                  title: own[k],
                },
                own[k] ?? "",
              ),
            ),
          ),
        ),
      ),
    );
  }

  /** Mark a row in the box. */
  function select(row) {
    const [start, end] = lineRange(text.value, row);
    text.focus();
    text.setSelectionRange(start, end);
    text.scrollTop = ((row - 3) / Math.max(1, text.value.split("\n").length)) * text.scrollHeight;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!answer) return;
    const { points, dataset, task: found, classes, columns: all } = answer;
    const targets = all.filter(({ role }) => role === "target").length;
    const mine = missing()?.id === answer.id;
    const refused = await use(
      mine ? dataset : (points ?? dataset),
      found === "classification" ? classes.length : null,
      targets,
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

/** The text of a file in the coding it has. @param {File} file @returns {Promise<string | null>} */
async function decoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : null;
  try {
    return new TextDecoder(marked ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
