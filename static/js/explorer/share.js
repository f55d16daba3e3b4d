/**
 * Take it along: the link to this view, numbers as NumPy, and files that recompute or hold the run.
 */

import { label } from "../core/lines.js";
import { asNumpy, lineAsNumpy } from "../core/numpy.js";
import { lineOf, variable } from "../core/trace.js";
import { ASKED, gradientsVeiled, veiled } from "../core/veil.js";
import { Problem } from "../server/api.js";
import { copyText } from "../ui/clipboard.js";
import { h, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";

const anything = ({ veil }) => veil !== null;
/** `tells`: whether what a lesson asks stands in the file, or is what its code does. */
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
const NOT_YET = `What is ${ASKED} can be taken along once it is answered.`;

/**
 * @param {{store: import("../state/store.js").Store, api: import("../server/api.js").Api, session:
 *   import("../server/session.js").Session, address: {link?: () => string}}} surroundings
 */
export function mountShare({ store, api, session, address }) {
  const { state } = store;
  const share = document.querySelector('[data-action="share"]');
  const said = h("p", { class: "said", role: "status", "data-readout": "shared" });
  const line = h("strong", {}, "This line as NumPy");
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

  const tell = (done, text) =>
    write(said, done ? text : "This browser does not let the page copy.");

  async function link() {
    const done = await copyText(address.link?.() ?? location.href); // a lesson's is always there
    write(share, done ? "Link copied" : "Link is in the address bar");
    // unless something else was copied meanwhile
    if (said.textContent === "") write(said, share.textContent);
    setTimeout(() => write(share, "Share"), 2200);
  }

  share.setAttribute("aria-haspopup", "dialog");
  share.addEventListener("click", () => {
    menu.togglePopover();
    if (!menu.matches(":popover-open")) return;
    write(said, "");
    link();
  });

  async function exportFile({ kind, title, working, tells }) {
    if (!state.experiment || !state.frame) return;
    if (tells?.(state)) return write(said, NOT_YET);
    write(said, `${title} is being made …`);
    const options = {
      step: state.frame.step,
      ...(working ? { sample: state.sample, convention: state.convention } : {}),
    };
    const answer = await session.ask(`export ${kind}`, () =>
      api.file(`/experiments/${state.experiment.id}/export/${kind}`, options).catch((error) => {
        if (error instanceof Problem && error.status === 422) return { refused: error.message };
        throw error;
      }),
    );
    if (!answer) return write(said, `${title} could not be made.`); // why is said where the server's other refusals are
    if (answer.refused) return write(said, answer.refused);
    const { blob, name } = answer;
    download(blob, name);
    write(said, `${name} is downloaded.`);
  }

  // any matrix of the working by the button in its caption
  document.addEventListener("click", async (event) => {
    const id =
      event.target instanceof Element
        ? event.target.closest("[data-copy]")?.getAttribute("data-copy")
        : null;
    if (!id) return;
    event.stopPropagation();
    const done = await copyText(asNumpy(id, variable(state.trace, id)?.value ?? null));
    const button = event.target.closest("[data-copy]");
    write(button, done ? "copied" : "no");
    write(
      slot("announce"),
      done ? `${label(id)} copied as NumPy` : "This browser does not let the page copy.",
    );
    setTimeout(() => write(button, "copy"), 1500);
  });
  return { open: () => share.click() };
}
