/**
 * Share and export: the link to this view, numbers as NumPy, and files that recompute or hold the
 * run.
 */

import { label } from "../core/lines.js";
import { asNumpy, lineAsNumpy } from "../core/numpy.js";
import { lineOf, variable } from "../core/trace.js";
import { ASKED, gradientsVeiled, veiled } from "../core/veil.js";
import { Problem } from "../server/api.js";
import { copyText } from "../ui/clipboard.js";
import { h, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";

/** @typedef {import("../state/store.js").State} State */
/**
 * @typedef {{kind: string, title: string, why: string, working?: boolean,
 *   tells?: (state: State) => boolean}} ExportFile working: it depends on sample and convention;
 *   tells: it contains what a lesson asks
 */

/** @param {State} state */
const anything = ({ veil }) => veil !== null;
/** @type {ExportFile[]} */
const FILES = [
  {
    kind: "notebook",
    title: "Notebook",
    why: "Data, training and every line in NumPy, checked with autograd",
    working: true,
    tells: anything,
  },
  {
    kind: "script",
    title: "NumPy script",
    why: "The notebook as one Python file",
    working: true,
    tells: anything,
  },
  {
    kind: "pytorch",
    title: "PyTorch code",
    why: "These weights in torch.nn, the same gradients, one update",
    working: true,
    tells: anything,
  },
  {
    kind: "trace",
    title: "Working as JSON",
    why: "All lines with values, formulas and proof",
    working: true,
    tells: anything,
  },
  {
    kind: "history",
    title: "History as CSV",
    why: "Cost, score and gradient norms of the recorded steps",
    tells: gradientsVeiled,
  },
  { kind: "data", title: "Data as CSV", why: "All rows before standardising" },
  {
    kind: "weights",
    title: "Weights for NumPy",
    why: "W (inputs × outputs) and b of every layer, for np.load",
  },
];
const NOT_YET = `What is ${ASKED} can be exported once it is answered.`;

/**
 * @param {Pick<import("./services.js").Services, "store" | "api" | "session">} services
 * @param {() => string} linkNow to the view
 */
export function mountShare({ store, api, session }, linkNow) {
  const { state } = store;
  const share = /** @type {HTMLElement} */ (document.querySelector('[data-action="share"]'));
  const said = h("p", { class: "said", role: "status", "data-readout": "shared" });
  const line = h("strong", {}, "This line as NumPy");
  /** @param {string} action @param {Element} title @param {string} why @param {() => void} run */
  const item = (action, title, why, run) =>
    h(
      "button",
      { type: "button", class: "example", "data-action": action, onclick: run },
      title,
      h("span", {}, why),
    );
  const menu = h(
    "div",
    {
      class: "popup share",
      id: "share",
      popover: "auto",
      role: "dialog",
      "aria-label": "Share and export",
    },
    said,
    item(
      "copy-link",
      h("strong", {}, "Copy link"),
      document.body.dataset.lesson
        ? "To this lesson with the numbers of its seed, at this card"
        : "It holds the whole view: recipe, step, line, what is chosen",
      () => {
        write(said, "");
        link();
      },
    ),
    item("copy-numpy", line, "Copied with what it is made of", async () => {
      const shown = lineOf(state.trace, state.line);
      if (shown && veiled(state, shown.id)) write(said, NOT_YET);
      else if (shown)
        tell(
          await copyText(lineAsNumpy(shown, (id) => variable(state.trace, id))),
          `${label(shown.id)} is copied`,
        );
    }),
    h("p", { class: "soft menu-head" }, "Files of this step"),
    FILES.map((file) =>
      item(`export-${file.kind}`, h("strong", {}, file.title), file.why, () => exportFile(file)),
    ),
  );
  document.body.append(menu);

  /** @param {boolean} done @param {string} text */
  const tell = (done, text) =>
    write(said, done ? text : "This browser does not let the page copy.");

  async function link() {
    const done = await copyText(linkNow());
    write(share, done ? "Link copied" : "Link is in the address bar");
    // unless something else was copied meanwhile
    if (said.textContent === "") write(said, share.textContent ?? "");
    setTimeout(() => write(share, "Share"), 2200);
  }

  share.setAttribute("aria-haspopup", "dialog");
  share.addEventListener("click", () => {
    menu.togglePopover();
    if (!menu.matches(":popover-open")) return;
    write(said, "");
    link();
  });

  /** @param {ExportFile} file */
  async function exportFile({ kind, title, working, tells }) {
    if (!state.experiment || !state.frame) return;
    if (tells?.(state)) return write(said, NOT_YET);
    write(said, `${title} is being made …`);
    const options = {
      step: state.frame.step,
      ...(working ? { sample: state.sample, convention: state.convention } : {}),
    };
    const path = `/experiments/${state.experiment.id}/export/${kind}`;
    const answer = await session.ask(`export ${kind}`, () =>
      api.file(path, options).catch((error) => {
        if (error instanceof Problem && error.status === 422) return error;
        throw error;
      }),
    );
    // the page's notice says why
    if (!answer) return write(said, `${title} could not be made.`);
    if (answer instanceof Problem) return write(said, answer.message);
    download(answer.blob, answer.name);
    write(said, `${answer.name} is downloaded.`);
  }

  // any matrix of the working by the button in its caption
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    const id = button?.getAttribute("data-copy");
    if (!button || !id) return;
    event.stopPropagation();
    const done = await copyText(asNumpy(id, variable(state.trace, id)?.value ?? null));
    write(button, done ? "copied" : "no");
    write(
      slot("announce"),
      done ? `${label(id)} copied as NumPy` : "This browser does not let the page copy.",
    );
    setTimeout(() => write(button, "copy"), 1500);
  });
  return { open: () => share.click() };
}
