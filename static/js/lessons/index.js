/** The list of lessons, with the reader's progress in each, for one seed. */

import { API, absolute, ROOT } from "../core/root.js";
import { createApi } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { copyText } from "../ui/clipboard.js";
import { find, h, set, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { openPage } from "../ui/page.js";
import { classOf, classSeed, keepText, ownText, withClass } from "./class-seed.js";
import { openProgress } from "./progress.js";
import { NEEDED, readSeed, seedOf, seedProblem, withSeed } from "./seed.js";

openPage();
const progress = openProgress();
let seed = seedOf(location.search, progress);
/** @type {Summary[]} */
let lessons = [];
const field = find("#seed", HTMLInputElement);
const file = find("#progress-file", HTMLInputElement);
const status = slot("said");
/** @param {string} action @param {() => void} run */
const on = (action, run) =>
  find(`[data-action="${action}"]`, HTMLElement).addEventListener("click", run);

/** Make the rows once; `show` writes the seed and the progress into them. */
function build() {
  const groups = Map.groupBy(lessons, ({ group }) => group);
  slot("lessons").replaceChildren(
    ...[...groups.values()].map((own) =>
      h(
        "section.lesson-group",
        { "aria-labelledby": `group-${own[0].group}` },
        h("h2", { id: `group-${own[0].group}` }, own[0].group_title),
        h("ol", own.map(row)),
      ),
    ),
  );
  show();
}

/** @param {Summary} lesson */
const row = ({ name, title, exercise, summary, minutes }) =>
  h(
    "li.lesson-row",
    { "data-lesson": name },
    h("span.exercise", exercise),
    h("div", h("a", { href: `${ROOT}lessons/${name}` }, title), h("p", summary)),
    h("span.soft.minutes", TEXT.lessonList.minutes(minutes)),
    h("span.done", { "data-readout": "done" }, h("progress", { "aria-hidden": "true" }), h("span")),
  );

function show() {
  for (const { name, questions } of lessons) {
    const own = find(`[data-lesson="${name}"]`, HTMLElement);
    const { done, shown } = progress.count(name, seed);
    set(find("a", HTMLElement, own), { href: withSeed(`${ROOT}lessons/${name}`, seed) });
    const bar = find("progress", HTMLProgressElement, own);
    set(bar, { max: questions, hidden: done === 0 });
    bar.value = Math.min(done, questions);
    const all = done >= questions;
    own.dataset.done = String(all);
    const which = all ? TEXT.lessonList.done : TEXT.lessonList.doneOf(done, questions);
    const andShown = shown ? TEXT.lessonList.andShown(shown) : "";
    write(find(".done span", HTMLElement, own), done === 0 ? "" : which + andShown);
  }
  if (document.activeElement !== field) field.value = seed;
  slot("not-kept").hidden = progress.kept;
}

/** @param {string | null} wanted */
function use(wanted) {
  set(field, { "aria-invalid": wanted === null ? "true" : null });
  write(slot("seed-said"), wanted === null ? `${NEEDED[0].toUpperCase()}${NEEDED.slice(1)}` : "");
  if (wanted === null) return;
  seed = wanted;
  progress.seed = seed;
  history.replaceState(null, "", withSeed(location.pathname, seed));
  show();
}
const take = () => use(readSeed(field.value));
field.addEventListener("input", take);
field.addEventListener("change", take);

/** To the lesson whose link the student opened. @param {string} own the seed */
function onward(own) {
  const then = new URLSearchParams(location.search).get("then");
  if (then && /^[a-z0-9-]+$/.test(then)) location.replace(withSeed(`${ROOT}lessons/${then}`, own));
}

/** A student came by the link of a class. @param {string} course */
function askOwnText(course) {
  const form = find('[data-slot="own-text-form"]', HTMLFormElement);
  const text = find("#own-text", HTMLInputElement);
  form.hidden = false;
  text.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const own = classSeed(course, text.value);
    if (own === null) return text.focus();
    keepText(course, text.value);
    onward(own);
    form.hidden = true;
    use(own);
    field.value = own;
  });
}

const course = find("#course", HTMLInputElement);
const student = find("#student", HTMLInputElement);
const classSaid = slot("class-said");
on("copy-class-link", async () => {
  const name = readSeed(course.value);
  if (name === null) return write(classSaid, TEXT.lessonList.needsClass);
  const link = withClass(absolute("lessons"), name);
  const copied = await copyText(link);
  write(
    classSaid,
    copied ? TEXT.lessonList.classLinkCopied(link) : TEXT.lessonList.theLinkIs(link),
  );
});
on("take-numbers", () => {
  const own = classSeed(course.value, student.value);
  if (own === null) return write(classSaid, TEXT.lessonList.needsBoth);
  use(own);
  field.value = own;
  write(classSaid, TEXT.lessonList.seedOfStudent(own));
});

on("copy-link", async () => {
  const link = withSeed(absolute("lessons"), seed);
  const copied = await copyText(link);
  write(status, copied ? TEXT.lessonList.linkCopied(link) : TEXT.lessonList.theLinkIs(link));
});
on("export", () => {
  download(new Blob([progress.exported()], { type: "application/json" }), "backprop-lessons.json");
  write(status, TEXT.lessonList.downloaded);
});
on("import", () => file.click());
file.addEventListener("change", async () => {
  const chosen = file.files?.[0];
  if (!chosen) return;
  const found = chosen.size > 5e6 ? null : progress.take(await chosen.text());
  write(status, found === null ? TEXT.lessonList.noProgress : TEXT.lessonList.progressAdded(found));
  file.value = "";
  show();
});
on("forget", () => slot("forget").showModal());
on("keep", () => slot("forget").close());
on("forget-now", () => {
  slot("forget").close();
  progress.forget();
  progress.seed = seed;
  write(status, TEXT.lessonList.forgotten);
  show();
});
// another window has written, or the reader comes back from a lesson
addEventListener("storage", show);
addEventListener("pageshow", () => lessons.length && show());

async function start() {
  write(slot("seed-said"), seedProblem(location.search));
  const course = classOf(location.search);
  const own = course && ownText(course);
  if (own) {
    seed = classSeed(course, own) ?? seed;
    onward(seed);
  } else if (course) askOwnText(course);
  if (!course || own) history.replaceState(null, "", withSeed(location.pathname, seed));
  progress.seed = seed;
  lessons = await createApi(API)
    .get("/lessons")
    .then((answer) => answer.lessons);
  progress.adopt(lessons);
  build();
  document.body.dataset.ready = "true";
}
start().catch((error) => write(slot("lessons"), TEXT.lessonList.loadAgain(error.message)));
