/**
 * The first visit: one question, the network, one marked weight and three doors. Everything else is
 * there, hidden by the style sheet first.css, and one key away; this browser then remembers it.
 */
import { ROOT } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { button, closest, h, panel, patch, s, slot, write } from "../ui/dom.js";

const OURS = "backprop-explorer.";
const ENTERED = `${OURS}entered`;
const NO_VISIT = `${OURS}theme`; // is also kept by who has gone through no door
export const FIRST_LESSON = "first-layer";

/** Whether the page is opened without a view, by a browser that has not been here. */
export function isFirstVisit() {
  const { embed, lesson, room } = document.body.dataset;
  if (embed || lesson || room || location.search || location.hash.length > 1) return false;
  try {
    return !Object.keys(localStorage).some((key) => key.startsWith(OURS) && key !== NO_VISIT);
  } catch {
    return true; // this browser keeps nothing
  }
}

/** There will be no first visit again, in this browser. */
export function remember() {
  try {
    localStorage.setItem(ENTERED, "yes");
  } catch {
    // not kept, then
  }
}

/** Pictures of the doors: a tangent over shrinking bars, a number that is asked, marked rows. */
const PICTURES = {
  watch: () =>
    s(
      "svg[aria-hidden=true]",
      { viewBox: "0 0 144 164" },
      s("path.door-curve", { d: "M14 107C60 104 62 26 130 26" }),
      s("path.door-tangent", { d: "M68 64L124 18" }),
      s("circle.door-dot", { cx: 92, cy: 44, r: 6 }),
      [31, 10, 7, 5].map((height, k) =>
        s("rect.door-bar", { x: 18 + 29 * k, y: 150 - height, width: 21, height }),
      ),
    ),
  learn: () => [
    h("span.door-row.math", "[ 0.75  0.55 ]"),
    h("span.door-row.math", "𝑧 = ", h("b", "?")),
  ],
  check: () => [
    ...["[[-0.02 -0.04]", " [-0.13 -0.21]", " [-0.02 -0.04]", " [-0.06 -0.10]]"].map((row, k) =>
      h("code.door-row", { "data-wrong": k % 2 ? "true" : null }, row),
    ),
    h("strong", TEXT.first.exampleMistake),
  ],
};

/** @param {Services} services @returns {{wake: () => void}} wake: show the whole page */
export function mountFirstVisit({ store, painter, api, session }) {
  const { state } = store;
  const desk = /** @type {HTMLElement} */ (panel("stage").parentElement);
  const awake = /** @type {HTMLElement} */ (document.querySelector('[data-action="all-controls"]'));
  /** @param {string} [line] to show */
  function wake(line) {
    if (!state.first) return;
    remember();
    store.set({ first: false, weight: null, ...(line ? { line } : {}) });
  }
  const draw = () => {
    document.body.dataset.first = String(state.first);
    awake.hidden = !state.first;
    for (const each of parts) each.hidden = !state.first;
  };

  const question = h("h2.first-question");
  const learnMore = h("small.soft.smaller", " ");
  /**
   * @param {"watch" | "learn" | "check"} name @param {string} href @param {string} key
   * @param {string[]} texts its name, what it is, and its button @param {HTMLElement} more
   */
  const door = (name, href, key, [title, what, go], more) =>
    h(
      "a.door",
      { "data-door": name, href, onclick: remember },
      h("span.door-picture[aria-hidden=true]", PICTURES[name]()),
      h(
        "span.door-text",
        h("strong", title),
        h("span", what),
        more,
        h("span.door-go.side-by-side", h("span.door-button", `${go} →`), h("kbd", key)),
      ),
    );
  const doors = h(
    "nav.doors",
    { "aria-label": TEXT.first.doors },
    door(
      "watch",
      "#watch=1",
      "W",
      [TEXT.first.watch, TEXT.first.watchWhat, TEXT.first.watchGo],
      h("small.soft.smaller", TEXT.first.watchMore),
    ),
    door(
      "learn",
      `${ROOT}lessons/${FIRST_LESSON}`,
      "L",
      [TEXT.first.learn, TEXT.first.learnWhat, TEXT.first.learnGo],
      learnMore,
    ),
    door(
      "check",
      `${ROOT}check`,
      "K",
      [TEXT.first.check, TEXT.first.checkWhat, TEXT.first.checkGo],
      h("small.soft.smaller", TEXT.first.checkMore),
    ),
  );
  doors.querySelector("a")?.addEventListener("click", (event) => {
    event.preventDefault();
    store.set({ watch: 1 });
  });
  const legend = h("p.first-legend.soft.smaller");
  const ticks = h("span.ticks[aria-hidden=true]");
  const linesText = h("span");
  const lines = button("lines.first-lines.plain", [linesText, ticks], ({ target }) =>
    wake(closest(target, "[data-tick]")?.getAttribute("data-tick") ?? undefined),
  );
  const foot = h(
    "div.first-foot.side-by-side",
    lines,
    h(
      "p.first-all.soft.side-by-side",
      h("span", TEXT.first.everything),
      button("wake", TEXT.first.allControls, () => wake()),
    ),
  );
  const learn = h("p.first-learn.soft.unbroken", TEXT.first.orLetItLearn);
  const parts = [question, doors, legend, learn, foot];
  store.on(["first"], draw);
  draw();
  store.on(["watch"], () => state.watch && remember()); // by its key or the marked weight, too
  if (!state.first) return { wake };
  desk.prepend(question);
  desk.append(legend, doors);
  panel("transport").append(foot);
  panel("transport").querySelector(".buttons")?.after(learn);
  awake.addEventListener("click", () => wake());
  slot("explore").addEventListener("click", (/** @type {Event} */ event) => {
    if (!state.first) return;
    event.preventDefault();
    wake();
  });

  painter.add("first-visit", 500, ({ first, experiment, data, trace }) => {
    if (!first || !experiment || !data || !trace) return;
    write(question, TEXT.first.question(experiment.parameters));
    patch(
      legend,
      data.classes.map((name, k) =>
        h("span", h("i", { class: `key-class key-class-${k}` }), `${name}: ${k}`),
      ),
      h("span", h("i.key-ring"), TEXT.first.thisPoint),
    );
    write(linesText, TEXT.first.lines(trace.lines.length));
    patch(
      ticks,
      trace.lines.map(({ id, phase }) => h("i", { "data-tick": id, "data-phase": phase })),
    );
  });

  session.requested.then(async () => {
    const answer = await api.get("/lessons").catch(() => null); // the door opens without it
    const begin = answer?.lessons.find(
      (/** @type {{name: string}} */ { name }) => name === FIRST_LESSON,
    );
    if (begin)
      write(learnMore, TEXT.first.learnMore(answer.lessons.length, begin.title, begin.minutes));
  });
  return { wake };
}
