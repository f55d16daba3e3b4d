/** The list of lessons, with the reader's progress in each, for one seed. */

import { API, absolute, ROOT } from "../core/root.js";
import { createApi } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { copyText } from "../ui/clipboard.js";
import { find, h, set, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { openPage } from "../ui/page.js";
import { classOf, classSeed, keepText, studentTextOf, withClass } from "./class-seed.js";
import { pictureOf } from "./pictures.js";
import { openProgress } from "./progress.js";
import { NEEDED, readSeed, seedOf, seedProblem, withSeed } from "./seed.js";

openPage();
const progress = openProgress();
let seed = seedOf(location.search, progress);
/** @type {Summary[]} */
let lessons = [];
const FAULTS = "bugs"; // the group that is folded
const COLOURS = ["forward", "backward", "cost", "alert"]; // of the groups
const field = find("#seed", HTMLInputElement);
const file = find("#progress-file", HTMLInputElement);
const status = slot("said");
/** @param {string} action @param {() => void} run */
const on = (action, run) =>
  find(`[data-action="${action}"]`, HTMLElement).addEventListener("click", run);

/** Make the paths once; `show` writes the seed and the progress into them. */
function build() {
  const groups = Map.groupBy(lessons, ({ group }) => group);
  slot("lessons").replaceChildren(
    h("div[data-slot=continue]"),
    ...[...groups].map(([group, members], k) => {
      const title = h("h2", { id: `group-${group}` }, members[0].group_title);
      const path = h("ol.lesson-path", members.map(step));
      return h(
        "section.lesson-group",
        { "aria-labelledby": `group-${group}`, "data-phase": COLOURS[k % COLOURS.length] },
        // The last group is of faults: a lesson leads to its faults at its end.
        group === FAULTS
          ? h(
              "details",
              h("summary", title, h("span.soft", TEXT.lessonList.faults(members.length))),
              path,
            )
          : [
              h("div.group-head", title, h("span.soft", TEXT.lessonList.count(members.length))),
              path,
            ],
      );
    }),
  );
  show();
}

const step = (/** @type {Summary} */ { name, title, summary, picture, builds_on: before }) =>
  h(
    "li.lesson-step",
    { "data-lesson": name },
    h("a", { title: summary }, pictureOf(picture), h("strong", title)),
    h("span.done[data-readout=done]"),
    h("span.soft.about[data-readout=about]"),
    before.length > 0 &&
      h("span.soft.before", TEXT.lessonList.buildsOn(before.map(titleOf).join(", "))),
  );
/** @param {string} name */
const titleOf = (name) => lessons.find((one) => one.name === name)?.title ?? name;

function show() {
  /** @type {{lesson: Summary, done: number} | null} the last one in the list that is begun */
  let begun = null;
  for (const lesson of lessons) {
    const { name, questions, minutes, exercise } = lesson;
    const item = find(`[data-lesson="${name}"]`, HTMLElement);
    const { done, shown } = progress.count(name, seed);
    set(find("a", HTMLElement, item), { href: addressOf(name) });
    const all = done >= questions;
    item.dataset.done = String(all);
    item.style.setProperty("--done", String(Math.min(1, done / questions)));
    const which = all ? TEXT.lessonList.done : TEXT.lessonList.doneOf(done, questions);
    const andShown = shown ? TEXT.lessonList.andShown(shown) : "";
    write(find('[data-readout="done"]', HTMLElement, item), done === 0 ? "" : which + andShown);
    write(
      find('[data-readout="about"]', HTMLElement, item),
      TEXT.lessonList.about(minutes, exercise ?? ""),
    );
    if (done && !all && !(begun && lesson.group === FAULTS)) begun = { lesson, done };
  }
  slot("continue").replaceChildren(...(begun ? [continued(begun.lesson, begun.done)] : []));
  if (document.activeElement !== field) field.value = seed;
  slot("not-kept").hidden = progress.kept;
}

const addressOf = (/** @type {string} */ name) => withSeed(`${ROOT}lessons/${name}`, seed);

/** @param {Summary} lesson @param {number} done */
const continued = ({ name, title, questions, minutes, picture }, done) =>
  h(
    "a.go-on-with[data-action=continue][data-phase=backward]",
    { href: addressOf(name) },
    pictureOf(picture),
    h(
      "span",
      h("span.first-word", TEXT.lessonList.goOn),
      h("strong", title),
      h("span.soft", TEXT.lessonList.answered(done, questions)),
    ),
    h("span.soft", TEXT.lessonList.left(Math.ceil((minutes * (questions - done)) / questions))),
  );

function use(/** @type {string | null} */ wanted) {
  set(field, { "aria-invalid": wanted === null ? "true" : null });
  write(slot("seed-said"), wanted === null ? `${NEEDED[0].toUpperCase()}${NEEDED.slice(1)}` : "");
  if (wanted === null) slot("for-lecturers").open = true;
  if (wanted === null) return;
  seed = wanted;
  progress.seed = seed;
  history.replaceState(null, "", withSeed(location.pathname, seed));
  show();
}
const take = () => use(readSeed(field.value));
field.addEventListener("input", take);
field.addEventListener("change", take);

/** To the lesson whose link the student opened. @param {string} chosen the seed */
function onward(chosen) {
  const then = new URLSearchParams(location.search).get("then");
  if (then && /^[a-z0-9-]+$/.test(then))
    location.replace(withSeed(`${ROOT}lessons/${then}`, chosen));
}

/** A student came by the link of a class. @param {string} course */
function askStudentText(course) {
  const form = find('[data-slot="student-text-form"]', HTMLFormElement);
  const text = find("#student-text", HTMLInputElement);
  form.hidden = false;
  text.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = classSeed(course, text.value);
    if (chosen === null) return text.focus();
    keepText(course, text.value);
    onward(chosen);
    form.hidden = true;
    use(chosen);
    field.value = chosen;
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
  const chosen = classSeed(course.value, student.value);
  if (chosen === null) return write(classSaid, TEXT.lessonList.needsBoth);
  use(chosen);
  field.value = chosen;
  write(classSaid, TEXT.lessonList.seedOfStudent(chosen));
});

on("copy-link", async () => {
  const link = withSeed(absolute("lessons"), seed);
  const copied = await copyText(link);
  write(classSaid, copied ? TEXT.lessonList.linkCopied(link) : TEXT.lessonList.theLinkIs(link));
});
on("export", () => {
  download(
    new Blob([progress.exported(find("#student-number", HTMLInputElement).value.trim())], {
      type: "application/json",
    }),
    "backprop-lessons.json",
  );
  write(status, TEXT.lessonList.downloaded);
});
on("import", () => file.click());
file.addEventListener("change", async () => {
  const chosen = file.files?.[0];
  if (!chosen) return;
  const added = chosen.size > 5e6 ? null : progress.take(await chosen.text());
  write(status, added === null ? TEXT.lessonList.noProgress : TEXT.lessonList.progressAdded(added));
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
  const problem = seedProblem(location.search);
  write(slot("seed-said"), problem);
  if (problem) slot("for-lecturers").open = true;
  const course = classOf(location.search);
  const studentText = course && studentTextOf(course);
  if (studentText) {
    seed = classSeed(course, studentText) ?? seed;
    onward(seed);
  } else if (course) askStudentText(course);
  if (!course || studentText) history.replaceState(null, "", withSeed(location.pathname, seed));
  progress.seed = seed;
  lessons = await createApi(API)
    .get("/lessons")
    .then((answer) => answer.lessons);
  progress.adopt(lessons);
  build();
  document.body.dataset.ready = "true";
}
start().catch((error) => write(slot("lessons"), TEXT.lessonList.loadAgain(error.message)));
