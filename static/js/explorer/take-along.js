/** In the menu of Share: a pass or the run as GIF or WebM, and each figure as SVG or PNG. */
import { NOT_SHOWN } from "../core/veil.js";
import { svgOf } from "../figures/shapes.js";
import { TEXT } from "../text/en.js";
import { button, figure, find, h, write } from "../ui/dom.js";
import { download } from "../ui/download.js";
import { createGifRecorder, createWebmRecorder, recordsWebm } from "../ui/recorders.js";
import { palette } from "../ui/theme.js";
import { drawStep, HEIGHT, passPictures, pictureOf, WIDTH } from "./moving-picture.js";
import { haveResponses } from "./unit-responses.js";

const MOST_STEPS = 40; // frames of a run
const STEP_DELAY = 120; // ms
const LAST_DELAY = 1500;
const RUN_PARTS = "parameters,gradients,neurons,boundary";
const SHARP = 2; // pixels of a PNG for one of the page

const NOT_YET = TEXT.share.notBeforeAnswered(NOT_SHOWN);

/** @param {Services & Plots} services */
export function mountTakeAlong({ store, session, Plotly }) {
  const { state } = store;
  const menu = find("#share", HTMLElement);
  const said = find('[data-readout="shared"]', HTMLElement, menu);
  /** @type {AbortController | null} of the picture that is being made */
  let making = null;

  /** @param {string} name of the file @param {(signal: AbortSignal) => Picture[]} plan */
  async function record(name, plan) {
    if (making) {
      making.abort();
      return;
    }
    if (state.veil) return write(said, NOT_YET);
    if (!state.trace || !state.frame) return;
    making = new AbortController();
    const { signal } = making;
    const { gifWorker = "" } = document.body.dataset;
    const format = formats.value;
    const recorder =
      format === "webm"
        ? createWebmRecorder(WIDTH, HEIGHT)
        : createGifRecorder(gifWorker, WIDTH, HEIGHT);
    try {
      const pictures = plan(signal);
      for (const [k, { draw, delay }] of pictures.entries()) {
        write(said, TEXT.takeAlong.making(k + 1, pictures.length));
        await draw(recorder.context);
        await recorder.add(delay);
        if (signal.aborted) return write(said, TEXT.takeAlong.stopped);
      }
      save(await recorder.finish(), name, format);
    } catch (error) {
      if (signal.aborted) return write(said, TEXT.takeAlong.stopped);
      console.error(error);
      write(said, TEXT.share.couldNotBeMade(`${name}.${format}`));
    } finally {
      recorder.close();
      making = null;
    }
  }
  /** @param {AbortSignal} signal @returns {Picture[]} of the steps up to this one */
  function runPictures(signal) {
    if (!state.frame) return [];
    /** @type {State} */
    const now = { ...state, playing: true, line: "a1" };
    const count = Math.min(MOST_STEPS, state.step + 1);
    return Array.from({ length: count }, (_, k) => ({
      delay: k === count - 1 ? LAST_DELAY : STEP_DELAY,
      async draw(context) {
        const step = Math.round((state.step * k) / Math.max(1, count - 1));
        const frame = await session.fetchFrame(step, RUN_PARTS, signal);
        await drawStep(context, { ...now, frame, step }, palette());
      },
    }));
  }

  /** @param {string} action @param {string} title @param {string} why @param {() => void} run */
  const item = (action, title, why, run) =>
    button(`${action}.example`, [h("strong", title), h("span.soft.smaller", why)], run);
  const webm = recordsWebm();
  const formats = h(
    "select[data-control=moving-format]",
    { "aria-label": TEXT.takeAlong.format },
    h("option[value=gif]", TEXT.takeAlong.gif),
    h(
      "option[value=webm]",
      { disabled: !webm },
      webm ? TEXT.takeAlong.webm : TEXT.takeAlong.noWebm,
    ),
  );
  const figures = h("select[data-control=figure-to-save]", { "aria-label": TEXT.takeAlong.figure });
  // those that are drawn now
  menu.addEventListener("beforetoggle", () => {
    const before = figures.value;
    const drawn = [...document.querySelectorAll("[data-figure].js-plotly-plot")];
    figures.replaceChildren(
      ...drawn
        .filter((each) => each.clientWidth > 0)
        .map((each) => {
          const name = each.getAttribute("data-figure") ?? "";
          const heading = each.closest(".figure")?.querySelector("h2")?.textContent;
          return h("option", { value: name }, heading ?? TEXT.takeAlong.network);
        }),
    );
    if (drawn.some((each) => each.getAttribute("data-figure") === before)) figures.value = before;
  });

  async function saveFigure(/** @type {"svg" | "png"} */ format) {
    if (state.veil) return write(said, NOT_YET);
    const name = figures.value;
    const box = figure(name);
    const { clientWidth: width, clientHeight: height } = box;
    if (!width || !height || !state.frame) return write(said, TEXT.takeAlong.noFigure);
    /** @type {string} */
    let address;
    if (name === "network") {
      const drawn = document.querySelector("canvas.unit-responses");
      const responses =
        haveResponses(state) && drawn instanceof HTMLCanvasElement ? drawn.toDataURL() : undefined;
      const { shapes } = pictureOf(state, palette(), width, height, responses);
      const svg = svgOf(shapes, width, height, palette().paper);
      const blob = new Blob([svg], { type: "image/svg+xml" });
      if (format === "svg") return save(blob, name, format);
      address = URL.createObjectURL(blob);
    } else {
      const options = { width, height, scale: format === "png" ? SHARP : 1, format };
      address = await Plotly.toImage(box, options);
      if (format === "svg") {
        const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
        return save(new Blob([text], { type: "image/svg+xml" }), name, format);
      }
    }
    save(await rasterised(address, width, height), name, format);
  }

  /** @param {Blob} blob @param {string} name @param {string} format */
  function save(blob, name, format) {
    const file = `backprop-${name}-step-${state.step}.${format}`;
    download(blob, file);
    write(said, TEXT.share.downloaded(file));
  }

  menu.append(
    h("p.soft.menu-head", TEXT.takeAlong.head),
    h("div.figure-to-save", formats),
    item("take-forward", TEXT.takeAlong.forward, TEXT.takeAlong.forwardWhy, () =>
      record("forward", () => (state.frame ? passPictures(state, "forward", palette()) : [])),
    ),
    item("take-backward", TEXT.takeAlong.backward, TEXT.takeAlong.backwardWhy, () =>
      record("error-back", () => (state.frame ? passPictures(state, "backward", palette()) : [])),
    ),
    item("take-run", TEXT.takeAlong.run, TEXT.takeAlong.runWhy, () => record("run", runPictures)),
    h(
      "div.figure-to-save",
      figures,
      /** @type {const} */ (["svg", "png"]).map((format) =>
        button(`save-${format}`, format.toUpperCase(), () => saveFigure(format), {
          title: TEXT.takeAlong.as(format.toUpperCase()),
        }),
      ),
    ),
  );
}

/**
 * A picture as PNG.
 * @param {string} address @param {number} width @param {number} height @returns {Promise<Blob>}
 */
async function rasterised(address, width, height) {
  const image = new Image();
  image.src = address;
  await image.decode();
  URL.revokeObjectURL(address);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SHARP, height * SHARP];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = palette().paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no blob"))), "image/png"),
  );
}
