/**
 * Watch: the error of one sample followed back to one weight, in pictures that a key, a press or a
 * swipe turns. `watch` of the state is the picture, `weight` the weight: both are in the link, and
 * with it in what a lecturer shows. Loaded when it is opened.
 */
import { baseName } from "../core/activations.js";
import { withEdit } from "../core/edits.js";
import { full, number, tiny } from "../core/format.js";
import { entryId, idOf } from "../core/names.js";
import { ROOT } from "../core/root.js";
import { gradientsVeiled, NOT_SHOWN } from "../core/veil.js";
import { isWatchable, steepest, weightNamed } from "../core/watched.js";
import { createShapes } from "../explorer/drawn-shapes.js";
import { FIRST_LESSON } from "../explorer/first-visit.js";
import { worded } from "../explorer/words.js";
import { oneSample } from "../state/samples.js";
import { sizesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { button, closest, h, patch, s, set, slot, still, tableRow, write } from "../ui/dom.js";
import { menu, options } from "../ui/fields.js";
import { takeKeys } from "../ui/shortcuts.js";
import { drawingOf, placesOf, signOf } from "./drawing.js";
import { storyOf } from "./story.js";

/** @typedef {import("./story.js").Picture} Picture */
/** @typedef {import("./story.js").Numbers} Numbers */
/** @typedef {{key: string, trace: Trace}} Read */

/** Keys in these do what the browser does. */
const FIELDS = "dialog[open], input, textarea, [data-panel=class]";
const PACE = 4000; // ms a picture
const SWIPE = 40; // px
const FLIGHT = 400; // ms
const NUDGES = [0.01, 0.001, 0.0001]; // the first whose cost is close to the tangent
const CLOSE = 0.05;

/** Name and words of each weight. @param {number[]} sizes @returns {[string, string][]} */
const weightsOf = (sizes) =>
  sizes.slice(1).flatMap((units, layer) =>
    Array.from({ length: sizes[layer] * units }, (_, k) => {
      const [from, to] = [k % sizes[layer], Math.floor(k / sizes[layer])];
      return /** @type {[string, string]} */ ([
        entryId(idOf("W", layer + 1), from, to),
        TEXT.watch.weight(layer + 1, from, to),
      ]);
    }),
  );

/** @param {Pick<Services, "store" | "painter" | "session" | "api" | "player">} services */
export function mountWatch({ store, painter, session, api, player }) {
  const { state } = store;
  /** @type {Read | null} */
  let read = null;
  let requested = "";
  /** @type {{key: string, h: number, cost: number} | null} */
  let tested = null;
  let testing = "";
  /** @type {{weight: string, more: boolean} | null} what was guessed at the first picture */
  let guess = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let playing;
  let last = 0;

  const count = h("span.watch-count.soft");
  const dots = h("span.watch-dots", { "aria-hidden": "true" });
  const [before, play, after] = [
    button("watch-back.turn", "‹", () => turn(-1), {
      "aria-label": TEXT.watch.back1,
      title: TEXT.watch.back1,
    }),
    button("watch-play.turn", "▶", toggle),
    button("watch-next.turn", "›", () => turn(1), {
      "aria-label": TEXT.watch.next,
      title: TEXT.watch.next,
    }),
  ];
  /** Every weight, for those who do not press edges. */
  const weights = menu([], (weight) => store.set({ weight, watch: 1 }), {
    "data-control": "watch-weight",
    "aria-label": TEXT.watch.which,
  });
  let named = ""; // sizes of the network whose weights the menu has
  const title = h("h2");
  const text = h("p.watch-text.soft", { "aria-live": "polite" });
  const svg = s("svg", { role: "img" });
  const draw = createShapes(svg, "watch-shapes");
  const stage = h("div.watch-stage", svg);
  const row = h("div.watch-terms", { role: "group", "aria-label": TEXT.watch.product });
  const aside = h("div.watch-aside");
  const root = h(
    "section.watch",
    { "data-panel": "watch", "aria-label": TEXT.watch.watch, tabindex: "-1" },
    h(
      "header.watch-head",
      h("div.watch-bar.side-by-side", h("strong", TEXT.watch.watch), dots, count, weights),
      h("div.watch-words", title, text),
      h(
        "div.watch-turns",
        before,
        play,
        after,
        button("watch-close.turn", "×", close, {
          "aria-label": TEXT.watch.close,
          title: TEXT.watch.close,
        }),
      ),
    ),
    stage,
    h("div.watch-foot", row, aside),
  );
  slot("overlay").closest(".desk")?.append(root);

  /** @param {number} by pictures */
  function turn(by) {
    const pictures = storyNow()?.pictures;
    if (!pictures) return;
    const now = Math.min(state.watch ?? 1, pictures.length);
    store.set({ watch: Math.max(1, Math.min(pictures.length, now + by)) });
    if (now + by >= pictures.length) pause();
  }
  function close() {
    pause();
    store.set({ watch: null, weight: null });
  }
  function pause() {
    clearInterval(playing);
    playing = undefined;
    painter.redraw("watch");
  }
  function toggle() {
    if (playing !== undefined) return pause();
    const pictures = storyNow()?.pictures;
    if (state.watch === pictures?.length) store.set({ watch: 1 });
    playing = setInterval(() => turn(1), PACE);
    painter.redraw("watch");
  }

  /** @type {Record<string, () => void>} */
  const keys = { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1), " ": toggle, Escape: close };
  takeKeys(document, ({ key, target, ctrlKey, altKey, metaKey }) => {
    const run = keys[key];
    const inField = closest(target, key === "Escape" ? FIELDS : `${FIELDS}, select`);
    const pressed = key === " " && closest(target, "button, a");
    if (state.watch === null || !run || inField || pressed || ctrlKey || altKey || metaKey)
      return false;
    if (document.querySelector("dialog[open], :popover-open")) return false;
    run();
    return true;
  });
  const links = ["watch", "explore"].map((name) => slot(name));
  const current = links[1].getAttribute("aria-current");
  let begun = NaN;
  stage.addEventListener("pointerdown", ({ clientX, pointerType }) => {
    begun = pointerType === "mouse" ? NaN : clientX;
  });
  stage.addEventListener("pointerup", ({ clientX }) => {
    if (Math.abs(clientX - begun) > SWIPE) turn(clientX < begun ? 1 : -1);
  });
  svg.addEventListener("click", ({ target }) => {
    const name = closest(target, "[data-weight]")?.getAttribute("data-weight");
    if (name) store.set({ weight: name, watch: 1 });
  });
  new ResizeObserver(() => painter.redraw("watch")).observe(stage);

  const sample = () => oneSample(state);
  const keyNow = () => [state.experiment?.id, state.frame?.step, sample()].join();
  /** The weight of the state, if this network has it. @param {Trace} trace */
  function weightNow(trace) {
    const weight = weightNamed(state.weight);
    const sizes = sizesOf(/** @type {State} */ (state));
    const there =
      weight &&
      weight.layer > 0 &&
      weight.to < (sizes[weight.layer] ?? 0) &&
      weight.from < sizes[weight.layer - 1];
    return there && state.weight ? state.weight : steepest(trace);
  }
  const titleOf = (/** @type {string} */ activation) => {
    const entry = state.catalog?.activations.find(({ name }) => name === baseName(activation));
    return entry?.title ?? activation;
  };
  /** @type {{key: string, story: ReturnType<typeof storyOf>} | null} */
  let told = null;
  function storyNow() {
    if (read?.key !== keyNow()) return null;
    const name = weightNow(read.trace);
    const key = `${read.key} ${name}`;
    const weight = weightNamed(name);
    if (told?.key !== key && weight) told = { key, story: storyOf(read.trace, weight, titleOf) };
    return told?.story ?? null;
  }

  /** @param {Experiment} experiment @param {Record<string, string | boolean>} [more] */
  const ask = (experiment, more) => (/** @type {AbortSignal} */ signal) =>
    api.trace(
      experiment.id,
      state.frame?.step ?? 0,
      { sample: sample(), convention: "column", ...more },
      signal,
    );

  async function load() {
    const key = keyNow();
    const { experiment } = state;
    if (!experiment || requested === key) return;
    requested = key;
    const trace = await session.ask("watch", ask(experiment, { verify: true }));
    if (requested === key) requested = "";
    if (trace) read = { key, trace };
    painter.redraw("watch");
  }

  /** The cost with the weight a little larger, computed by the server. */
  async function test() {
    const story = storyNow();
    const { experiment, frame } = state;
    if (!story || !read || !experiment || !frame) return;
    const name = weightNow(read.trace);
    const key = `${read.key} ${name}`;
    if (tested?.key === key || testing === key) return;
    testing = key;
    const { w, cost, gradient } = story.numbers;
    for (const h of NUDGES) {
      const edit = { step: frame.step, set: name, to: w + h };
      const answer = await session.ask("watch-test", async (signal) => {
        const nudged = await api.createExperiment(withEdit(experiment.recipe, edit), signal);
        return ask(nudged, { lines: "C", formulas: "none" })(signal);
      });
      if (!answer || testing !== key) return;
      tested = { key, h, cost: answer.cost ?? NaN };
      if (Math.abs((tested.cost - cost) / h - gradient) <= CLOSE * Math.abs(gradient)) break;
    }
    testing = "";
    painter.redraw("watch");
  }

  painter.add("watch", 0, () => {
    const { watch, experiment, frame, data } = state;
    const open = watch !== null;
    if (document.body.dataset.watching !== String(open)) {
      document.body.dataset.watching = String(open);
      set(links[0], { "aria-current": open ? "page" : null });
      set(links[1], { "aria-current": open ? null : current });
      if (open) root.focus({ preventScroll: true });
    }
    if (!open || !experiment || !frame || !data) return;
    if (state.playing) player.pause();
    const large = !isWatchable(sizesOf(state));
    const said = large ? TEXT.watch.tooLarge : gradientsVeiled(state) ? NOT_SHOWN : null;
    if (!said && read?.key !== keyNow()) load();
    const story = said ? null : storyNow();
    set(root, {
      "data-watch": story ? Math.min(watch, story.pictures.length) : null,
      "aria-busy": story || said ? null : "true",
    });
    if (!story) {
      write(title, TEXT.watch.watch);
      patch(text, worded(said ?? TEXT.watch.loading));
      draw([]);
      for (const box of [row, aside, dots]) box.replaceChildren();
      write(count, "");
      return;
    }
    show(story, Math.min(watch, story.pictures.length));
  });

  /** @param {ReturnType<typeof storyOf>} story @param {number} at the picture, from 1 */
  function show({ pictures, numbers }, at) {
    const picture = pictures[at - 1];
    write(count, TEXT.watch.picture(at, pictures.length));
    if (named !== numbers.sizes.join()) {
      named = numbers.sizes.join();
      patch(weights, options(weightsOf(numbers.sizes)));
    }
    if (read) weights.value = weightNow(read.trace);
    patch(
      dots,
      pictures.map((_, k) =>
        h("i", { class: k < at ? "past" : null, "aria-current": k === at - 1 ? "step" : null }),
      ),
    );
    write(title, picture.title);
    patch(text, worded(picture.text));
    for (const [each, off] of /** @type {[HTMLElement, boolean][]} */ ([
      [before, at === 1],
      [after, at === pictures.length],
    ]))
      set(each, { "aria-disabled": off ? "true" : null });
    const running = playing !== undefined;
    const name = running ? TEXT.watch.pause : TEXT.watch.play;
    write(play, running ? "❚❚" : "▶");
    set(play, { "aria-label": name, title: name });
    const { clientWidth: width, clientHeight: height } = stage;
    if (width && height) {
      set(svg, {
        viewBox: `0 0 ${width} ${height}`,
        "aria-label": `${picture.title}. ${picture.text} ${spoken(picture)}`,
      });
      draw(drawingOf(picture, numbers, placesOf(numbers.sizes, width, height)));
    }
    patch(row, termsOf(picture));
    if (picture.kind === "input" || picture.kind === "all") test();
    patch(aside, asideOf(picture, numbers));
    if (at === last + 1 && picture.terms.length && !still()) fly();
    last = at;
  }

  /** A factor moves from its edge or unit to its box. */
  function fly() {
    const box = row.querySelector(".watch-term.newest .watch-factor");
    const from = [...svg.querySelectorAll("[data-factor]")].at(-1);
    if (!box || !from) return;
    const [p, q] = [from.getBoundingClientRect(), box.getBoundingClientRect()];
    const by = [p.x + p.width / 2 - q.x - q.width / 2, p.y + p.height / 2 - q.y - q.height / 2];
    const translate = by.map((px) => `${px}px`).join(" ");
    box.animate(
      [
        { translate, opacity: 0.4 },
        { translate: "none", opacity: 1 },
      ],
      { duration: FLIGHT, easing: "ease-in-out" },
    );
  }

  const spoken = (/** @type {Picture} */ { terms }) =>
    terms.map(({ label, product }) => `${label}: ${number(product)}.`).join(" ");

  /** The factors, and beneath them what they make so far. @param {Picture} picture */
  function termsOf({ terms, upcoming }) {
    if (!terms.length) return [];
    const products = terms.map(({ product }) => product);
    const above = Math.max(0, ...products);
    const height = 100 / (above - Math.min(0, ...products) || 1); // of 1
    const shown = terms.map(({ label, factor, product }, k) => {
      const written =
        k === 0 || factor === null
          ? number(product)
          : factor < 0
            ? `(${number(factor)})`
            : number(factor);
      const newest = k === terms.length - 1;
      const zero = above * height;
      const bar = s("rect", {
        ...{ class: signOf(product), x: 25, width: 50 },
        ...{ y: zero - Math.max(0, product) * height, height: Math.abs(product) * height },
      });
      const line = s("line.watch-zero", { x2: 100, y1: zero, y2: zero });
      return h(
        "div",
        {
          class: `watch-term${newest ? " newest" : ""}`,
          "data-sign": k && factor !== null ? "×" : null,
        },
        h("span.watch-label.soft.unbroken", label),
        h("span.watch-factor", written),
        h(
          "output.watch-product",
          {
            class: `watch-product ${signOf(product)}`,
            "data-readout": newest ? "product" : null,
            "data-value": newest ? String(product) : null,
          },
          number(product),
        ),
        s("svg.watch-bars", { viewBox: "0 -1 100 102", preserveAspectRatio: "none" }, bar, line),
      );
    });
    const open = Array.from({ length: upcoming }, () =>
      h(
        "div.watch-term.open",
        { "data-sign": "×" },
        h("span.watch-label.soft.unbroken", "\u00a0"),
        h("span.watch-factor", "?"),
      ),
    );
    return [...shown, ...open, h("p.watch-caption.soft", TEXT.watch.product)];
  }

  /** @param {Picture} picture @param {Numbers} numbers @returns {Child[]} */
  function asideOf(picture, numbers) {
    const name = read ? weightNow(read.trace) : "";
    const { gradient, cost, w } = numbers;
    if (picture.kind === "question")
      return [
        h(
          "p.watch-guess",
          [true, false].map((more) =>
            button(
              more ? "guess-more" : "guess-less",
              more ? TEXT.watch.more : TEXT.watch.less,
              () => {
                guess = { weight: name, more };
                turn(1);
              },
            ),
          ),
        ),
        h("p.soft", TEXT.watch.another),
      ];
    if (picture.list)
      return [
        h(
          "table.watch-sum",
          h(
            "tbody",
            picture.list.map(({ name: by, value }) => tableRow(by, h("td", number(value)))),
          ),
          picture.kind === "sum" &&
            h(
              "tfoot",
              tableRow(
                TEXT.watch.sum,
                h("td", number(picture.list.reduce((sum, { value }) => sum + value, 0))),
              ),
            ),
        ),
      ];
    if (picture.kind === "input") return [h("div.watch-test", testOf(name, numbers))];
    if (picture.kind === "all") {
      const optimizer = /** @type {{learning_rate?: number}} */ (
        state.experiment?.recipe.optimizer ?? {}
      );
      const rate = optimizer.learning_rate;
      return [
        state.experiment?.recipe.optimizer.name === "sgd" && rate !== undefined
          ? h(
              "p",
              TEXT.watch.update(full(rate)),
              h("br"),
              h(
                "span.math",
                `${number(w)} − ${full(rate)} · ` +
                  `${gradient < 0 ? `(${number(gradient)})` : number(gradient)} = ` +
                  number(w - rate * gradient),
              ),
            )
          : null,
        h(
          "p.watch-links",
          button("watch-explore.primary", TEXT.watch.exploreAll, explore),
          h("a", { href: `${ROOT}lessons/${FIRST_LESSON}` }, TEXT.watch.lesson),
        ),
        h("p.soft", TEXT.watch.another),
      ];
    }
    return picture.kind === "cost"
      ? [
          h(
            "p.math.watch-cost-value",
            { "data-readout": "watch-cost", "data-value": String(cost) },
            `𝐶 = ${number(cost)}`,
          ),
        ]
      : [];
  }

  /** @param {string} name @param {Numbers} numbers @returns {Child[]} */
  function testOf(name, { gradient, cost }) {
    const proof =
      read?.trace.verification?.finite_differences.by_line[
        idOf("dC_dW", weightNamed(name)?.layer ?? 0)
      ];
    const now = tested?.key === `${read?.key} ${name}` ? tested : null;
    /** As many digits as show the change. @param {number} value */
    const digits = (value) =>
      number(
        value,
        now ? Math.max(4, Math.ceil(-Math.log10(Math.abs((now.cost - cost) / cost) || 1)) + 2) : 4,
      );
    return [
      h("p.watch-gradient.math", { "data-value": String(gradient) }, `∂𝐶/∂𝑤 = ${number(gradient)}`),
      now
        ? [
            h("p", TEXT.watch.test(String(now.h))),
            h("p.math", `𝐶: ${digits(cost)} → ${digits(now.cost)}`),
            h(
              "p.math.watch-difference",
              { "data-value": String((now.cost - cost) / now.h) },
              `${number(now.cost - cost, 3)} / ${now.h} = ${number((now.cost - cost) / now.h)}`,
            ),
          ]
        : null,
      typeof proof !== "number" ? null : h("p.soft", TEXT.watch.proof(tiny(proof))),
      gradient
        ? h(
            "p",
            TEXT.watch.conclusion(gradient < 0),
            guess?.weight === name ? ` ${TEXT.watch.guess(guess.more === gradient < 0)}` : null,
          )
        : null,
    ];
  }

  /** To the line of the weight's gradient, on the whole page. */
  function explore() {
    const weight = read && weightNamed(weightNow(read.trace));
    close();
    if (weight)
      store.set({
        first: false,
        line: idOf("dC_dW", weight.layer),
        selection: `e${weight.layer}.${weight.from}.${weight.to}`,
        entry: null,
      });
  }
}
