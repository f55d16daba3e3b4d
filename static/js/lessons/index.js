/**
 * The list of lessons, with what this browser knows of each: in the numbers of one seed.
 */

import { API, absolute, ROOT } from "../core/root.js";
import { createApi } from "../server/api.js";
import { createStore } from "../state/store.js";
import { copyText } from "../ui/clipboard.js";
import { h, set, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { mountTheme } from "../ui/theme.js";
import { openProgress } from "./progress.js";
import { NEEDED, readSeed, seedOf, seedProblem, withSeed } from "./seed.js";

mountTheme(createStore({ theme: { initial: "auto" } }));
const progress = openProgress();
let seed = seedOf(location.search, progress);
let lessons = [];
const field = document.querySelector("#seed");
const file = document.querySelector("#progress-file");
const said = slot("said");
const on = (action, run) =>
  document.querySelector(`[data-action="${action}"]`).addEventListener("click", run);

/** Rows are made once; the seed and the progress change what they say. */
function build() {
  const groups = Map.groupBy(lessons, ({ group }) => group);
  slot("lessons").replaceChildren(
    ...[...groups.values()].map((own) =>
      h(
        "section",
        { class: "lesson-group", "aria-labelledby": `group-${own[0].group}` },
        h("h2", { id: `group-${own[0].group}` }, own[0].group_title),
        h("ol", {}, own.map(row)),
      ),
    ),
  );
  show();
}

const row = ({ name, title, exercise, summary, minutes }) =>
  h(
    "li",
    { class: "lesson-row", "data-lesson": name },
    h("span", { class: "exercise" }, exercise),
    h("div", {}, h("a", { href: `${ROOT}lessons/${name}` }, title), h("p", {}, summary)),
    h("span", { class: "soft minutes" }, `${minutes} min`),
    h(
      "span",
      { class: "done", "data-readout": "done" },
      h("progress", { "aria-hidden": "true" }),
      h("span", {}),
    ),
  );

function show() {
  for (const { name, questions } of lessons) {
    const own = document.querySelector(`[data-lesson="${name}"]`);
    const { done, shown } = progress.count(name, seed);
    set(own.querySelector("a"), { href: withSeed(`${ROOT}lessons/${name}`, seed) });
    const bar = own.querySelector("progress");
    set(bar, { max: questions, hidden: done === 0 });
    bar.value = Math.min(done, questions);
    const all = done >= questions;
    own.dataset.done = String(all);
    write(
      own.querySelector(".done span"),
      done === 0
        ? ""
        : `${all ? "done" : `${done} of ${questions}`}${shown ? `, ${shown} shown` : ""}`,
    );
  }
  if (document.activeElement !== field) field.value = seed;
  slot("not-kept").hidden = progress.kept;
}

function take() {
  const wanted = readSeed(field.value);
  set(field, { "aria-invalid": wanted === null ? "true" : null });
  write(slot("seed-said"), wanted === null ? `${NEEDED[0].toUpperCase()}${NEEDED.slice(1)}` : "");
  if (wanted === null) return;
  seed = wanted;
  progress.seed = seed;
  history.replaceState(null, "", withSeed(location.pathname, seed));
  show();
}
field.addEventListener("input", take);
field.addEventListener("change", take);

on("copy-link", async () => {
  const link = withSeed(absolute("lessons"), seed);
  const copied = await copyText(link);
  write(
    said,
    copied ? `${link} is copied: whoever opens it has these numbers.` : `The link is ${link}`,
  );
});
on("export", () => {
  download(new Blob([progress.exported()], { type: "application/json" }), "backprop-lessons.json");
  write(said, "Your progress is downloaded as backprop-lessons.json.");
});
on("import", () => file.click());
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  const found = chosen.size > 5e6 ? null : progress.take(await chosen.text());
  write(
    said,
    found === null
      ? "This file holds no progress in these lessons."
      : `Progress in ${found} ${found === 1 ? "lesson" : "lessons"} is added to yours.`,
  );
  file.value = "";
  show();
});
on("forget", () => slot("forget").showModal());
on("keep", () => slot("forget").close());
on("forget-now", () => {
  slot("forget").close();
  progress.forget();
  progress.seed = seed;
  write(said, "Your progress is forgotten.");
  show();
});
// Another window, or the way back from a lesson
addEventListener("storage", show);
addEventListener("pageshow", () => lessons.length && show());

async function start() {
  write(slot("seed-said"), seedProblem(location.search));
  history.replaceState(null, "", withSeed(location.pathname, seed));
  progress.seed = seed;
  lessons = await createApi(API)
    .get("/lessons")
    .then((answer) => answer.lessons);
  build();
  document.body.dataset.ready = "true";
}
start().catch((error) =>
  write(slot("lessons"), `${error.message} Load the page again when it is back.`),
);
