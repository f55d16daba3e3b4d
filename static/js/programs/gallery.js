/** The gallery of ready programs, each with a picture of its arrays; and recordings. */
import { API, ROOT } from "../core/root.js";
import { createApi, Problem } from "../server/api.js";
import { PROGRAMS } from "../text/programs.js";
import { choice, find, h, s, slot, write } from "../ui/dom.js";
import { openPage } from "../ui/page.js";
import { arrayShapes, planOf } from "./arrays.js";

const LARGEST = 50e6; // bytes of a recording
const [WIDTH, HEIGHT] = [325, 160]; // of a picture
const ROOM = 66; // of the longer side of an array
const GAP = 14;

const api = createApi(API);
const store = openPage();
/** @typedef {Schemas["ProgramEntry"]} Entry */

function card(/** @type {Entry} */ entry) {
  const picture = s("svg[aria-hidden=true]", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  const element = h(
    "li.program-card",
    { "data-topic": entry.topic, "data-program": entry.name },
    h(
      "a",
      { href: `${ROOT}programs/${entry.name}` },
      picture,
      h("strong", entry.title),
      h("p", entry.description),
      h("span.card-foot.side-by-side", h("span.soft", entry.shapes), h("span.tag", entry.tag)),
    ),
  );
  return { element, draw: () => drawn(entry, picture) };
}

/** Its arrays, as they are read. @param {Entry} entry @param {SVGElement} svg */
async function drawn(entry, svg) {
  const columns = entry.picture;
  /** @type {ProgramAnswer} */
  const answer = await api.get(`/programs/${entry.name}/trace`, {
    ...{ verify: false, formulas: "none", lines: columns.flat().join() },
  });
  const known = new Map(
    [...answer.givens, ...answer.lines].map((each) => [
      each.id,
      /** @type {any} any: as sent */ (each),
    ]),
  );
  /** @type {{x: number, y: number, width: number, height: number}[][]} */
  const boxes = [];
  const shapes = [];
  const plans = columns.map((column) =>
    column.flatMap((id) => {
      const array = known.get(id);
      if (!array) return [];
      const slices = Math.min(
        3,
        array.shape
          .slice(0, -2)
          .reduce((/** @type {number} */ all, /** @type {number} */ n) => all * n, 1),
      );
      const room = Math.min(ROOM, ((HEIGHT - 20) / column.length - GAP) / slices - 2);
      return [{ array, plan: planOf(array.shape, { numbers: 0, room, show: array.show }) }];
    }),
  );
  const wide = plans.map((column) => Math.max(0, ...column.map(({ plan }) => plan.width)));
  const free = (WIDTH - wide.reduce((sum, w) => sum + w, 0)) / (columns.length + 1);
  let x = free;
  for (const [k, column] of plans.entries()) {
    const tall = column.reduce((sum, { plan }) => sum + plan.height + GAP, -GAP);
    let y = (HEIGHT - tall) / 2;
    boxes.push([]);
    for (const { array, plan } of column) {
      const left = x + (wide[k] - plan.width) / 2;
      shapes.push(arrayShapes(array, plan, left, y));
      boxes[k].push({ x: left, y, width: plan.width, height: plan.height });
      y += plan.height + GAP;
    }
    x += wide[k] + free;
  }
  const ways = boxes.slice(1).flatMap((column, k) =>
    column.flatMap((to) =>
      boxes[k].map((from) => {
        const [x0, y0] = [from.x + from.width + 3, from.y + from.height / 2];
        const [x1, y1] = [to.x - 3, to.y + to.height / 2];
        const bend = (x1 - x0) / 2;
        return s("path.card-way", {
          d: `M${x0},${y0}C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1},${y1}`,
        });
      }),
    ),
  );
  svg.replaceChildren(...ways, ...shapes);
}

async function start() {
  const { programs } = await api.get("/programs");
  const cards = /** @type {Entry[]} */ (programs).map(card);
  slot("programs").replaceChildren(...cards.map(({ element }) => element));
  const options = [["", PROGRAMS.all], ...Object.entries(PROGRAMS.topics)].map(([value, text]) => ({
    value,
    text,
  }));
  const picker = choice(PROGRAMS.topic, options, (topic) => {
    picker.show(topic);
    for (const { element } of cards)
      element.hidden = topic !== "" && element.dataset.topic !== topic;
  });
  picker.show("");
  slot("topics").append(picker.element);
  const draw = () => Promise.all(cards.map((each) => each.draw()));
  await draw();
  store.on(["theme"], draw);
  document.body.dataset.ready = "true";
}

/**
 * What is wrong with a file, or the recording or check in it, and where its pages are.
 * @param {string} text
 * @returns {{content: object, route: string, pages: string} | {problem: string}}
 */
function readRecording(text) {
  let recording;
  try {
    recording = JSON.parse(text);
  } catch {
    return { problem: PROGRAMS.noRecording };
  }
  const { version, givens, nodes, cases } = Object(recording);
  const isCheck = Array.isArray(cases);
  if (!isCheck && !(Array.isArray(givens) && Array.isArray(nodes)))
    return { problem: PROGRAMS.notOurs };
  if (version !== 1) return { problem: PROGRAMS.otherVersion(String(version)) };
  const [route, pages] = isCheck ? ["/check/programs", "check"] : ["/graphs", "graphs"];
  return { content: recording, route, pages };
}

async function open(/** @type {File | undefined} */ file) {
  if (!file) return;
  const said = slot("said");
  if (file.size > LARGEST) return write(said, PROGRAMS.tooLarge);
  write(said, PROGRAMS.reading);
  const read = readRecording(await file.text());
  if ("problem" in read) return write(said, read.problem);
  try {
    const { id } = await api.post(read.route, read.content);
    location.assign(`${ROOT}${read.pages}/${id}`);
  } catch (error) {
    const { errors = [], message } = error instanceof Problem ? error : { message: String(error) };
    const [first] = errors;
    write(said, first ? PROGRAMS.refused(first.field, first.message) : message);
  }
}

const file = find("#recording", HTMLInputElement);
find('[data-action="choose"]', HTMLButtonElement).addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  open(file.files?.[0]);
  file.value = "";
});
const drop = slot("drop");
for (const name of ["dragover", "drop"])
  drop.addEventListener(name, (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    if (name === "drop") open(event.dataTransfer?.files[0]);
  });

start().catch((error) => write(slot("programs"), PROGRAMS.cannotShow(error.message)));
