/**
 * Share and export: the link to this view, numbers as NumPy, and files that recompute or hold the
 * run.
 */

import { named, nameOf } from "../core/names.js";
import { asNumpy, lineAsNumpy } from "../core/numpy.js";
import { withPreview } from "../core/preview-link.js";
import { lineOf, variable } from "../core/trace.js";
import { gradientsVeiled, NOT_SHOWN, veiled } from "../core/veil.js";
import { Problem } from "../server/api.js";
import { TEXT } from "../text/en.js";
import { copyText } from "../ui/clipboard.js";
import { button, closest, h, set, slot, write } from "../ui/dom.js";
import { download } from "../ui/download.js";

/**
 * @typedef {{kind: string, title: string, why: string, working?: boolean,
 *   tells?: (state: State) => boolean}} ExportFile working: it depends on sample and convention;
 *   tells: it contains what a lesson asks
 */

const WORKING = { working: true, tells: (/** @type {State} */ { veil }) => veil !== null };
/** @type {Record<string, Pick<ExportFile, "working" | "tells">>} */
const ABOUT = {
  ...{ notebook: WORKING, script: WORKING, pytorch: WORKING, trace: WORKING },
  history: { tells: gradientsVeiled },
};
/** @type {ExportFile[]} */
const FILES = Object.entries(TEXT.share.files).map(([kind, words]) => ({
  kind,
  ...words,
  ...ABOUT[kind],
}));
const NOT_YET = TEXT.share.notBeforeAnswered(NOT_SHOWN);

/** @param {Services} services @param {() => string} linkNow to the view */
export function mountShare({ store, api, session }, linkNow) {
  const { state } = store;
  const share = /** @type {HTMLElement} */ (document.querySelector('[data-action="share"]'));
  const said = h("p.said[role=status][data-readout=shared]");
  const line = h("strong", TEXT.share.lineAsNumPy);
  /** @param {string} action @param {Element} title @param {string} why @param {() => void} run */
  const item = (action, title, why, run) =>
    button(`${action}.example`, [title, h("span.soft.smaller", why)], run);
  const menu = h(
    "div.popup.share[id=share][popover=auto][role=dialog]",
    { "aria-label": TEXT.share.shareAndExport },
    said,
    item(
      "copy-link",
      h("strong", TEXT.share.copyLink),
      document.body.dataset.lesson ? TEXT.share.linkToCard : TEXT.share.linkToView,
      () => {
        write(said, "");
        link();
      },
    ),
    item("copy-numpy", line, TEXT.share.copiedWithInputs, async () => {
      const shown = lineOf(state.trace, state.line);
      if (shown && veiled(state, shown.id)) write(said, NOT_YET);
      else if (shown)
        tell(
          await copyText(lineAsNumpy(shown, (id) => variable(state.trace, id))),
          TEXT.share.lineCopied(nameOf(shown)),
        );
    }),
    h("p.soft.menu-head", TEXT.share.filesOfStep),
    FILES.map((file) =>
      item(`export-${file.kind}`, h("strong", file.title), file.why, () => exportFile(file)),
    ),
  );
  document.body.append(menu);

  /** @param {boolean} done @param {string} text */
  const tell = (done, text) => write(said, done ? text : TEXT.share.mayNotCopy);

  async function link() {
    const done = await copyText(withPreview(linkNow(), state));
    const text = done ? TEXT.share.linkCopied : TEXT.share.linkInAddress;
    // over the word, which keeps its place: nothing beside it moves
    set(share, { "data-word": TEXT.share.share });
    share.replaceChildren(h("span.said-over", text));
    // unless something else was copied meanwhile
    if (said.textContent === "") write(said, text);
    setTimeout(() => {
      set(share, { "data-word": null });
      write(share, TEXT.share.share);
    }, 2200);
  }

  share.setAttribute("aria-haspopup", "dialog");
  share.addEventListener("click", () => {
    menu.togglePopover();
    if (!menu.matches(":popover-open")) return;
    write(said, "");
    link();
  });

  async function exportFile(/** @type {ExportFile} */ { kind, title, working, tells }) {
    if (!state.experiment || !state.frame) return;
    if (tells?.(state)) return write(said, NOT_YET);
    write(said, TEXT.share.beingMade(title));
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
    if (!answer) return write(said, TEXT.share.couldNotBeMade(title));
    if (answer instanceof Problem) return write(said, answer.message);
    download(answer.blob, answer.name);
    write(said, TEXT.share.downloaded(answer.name));
  }

  // any matrix of the working by the button in its caption
  document.addEventListener("click", async (event) => {
    const pressed = closest(event.target, "[data-copy]");
    const id = pressed?.getAttribute("data-copy");
    if (!pressed || !id) return;
    event.stopPropagation();
    const done = await copyText(asNumpy(id, variable(state.trace, id)?.value ?? null));
    write(pressed, done ? TEXT.share.copied : TEXT.share.notCopied);
    write(
      slot("announce"),
      done
        ? TEXT.share.copiedAsNumPy(nameOf(variable(state.trace, id) ?? named(id)))
        : TEXT.share.mayNotCopy,
    );
    setTimeout(() => write(pressed, TEXT.ui.copyShort), 1500);
  });
  return { open: () => share.click() };
}
