/** Puts the page together: state, server, player, panels, keys, address. */

import { mountClass } from "./classroom/mount.js";
import { fitEdits } from "./core/edits.js";
import { once } from "./core/once.js";
import { provenance } from "./core/provenance.js";
import { API } from "./core/root.js";
import { NOTATION } from "./core/trace.js";
import { mountAddress } from "./explorer/address.js";
import { mountAlarms } from "./explorer/alarms.js";
import { commandsOf } from "./explorer/commands.js";
import { mountComparing } from "./explorer/comparing.js";
import { createDock } from "./explorer/dock/index.js";
import { mountExamples } from "./explorer/examples.js";
import { mountExperiment } from "./explorer/experiment.js";
import { isFirstVisit, mountFirstVisit } from "./explorer/first-visit.js";
import { mountHelp } from "./explorer/help.js";
import { allowed, hiddenNames, mountHide } from "./explorer/hide.js";
import { mountHold } from "./explorer/hold.js";
import { createLargestSums } from "./explorer/largest-sums.js";
import { mountOverlay } from "./explorer/overlay.js";
import { mountOwnData } from "./explorer/own-data.js";
import { mountRibbon } from "./explorer/ribbon.js";
import { createSampleParts } from "./explorer/sample-parts.js";
import { mountShare } from "./explorer/share.js";
import { mountStage } from "./explorer/stage.js";
import { createSubmittedNumbers } from "./explorer/submitted-numbers.js";
import { mountTakeAlong } from "./explorer/take-along.js";
import { mountTop } from "./explorer/top.js";
import { mountTransport } from "./explorer/transport.js";
import { createViewBar } from "./explorer/view-bar.js";
import { mountWalk } from "./explorer/walk.js";
import { mountWatchEntry } from "./explorer/watch-entry.js";
import { mountWhatIf } from "./explorer/what-if.js";
import { createNumbersSwitch, createWhoseUpdate } from "./explorer/whose-numbers.js";
import { mountWords } from "./explorer/words.js";
import { mountWorking } from "./explorer/working.js";
import { mountLesson } from "./lessons/mount.js";
import { createApi } from "./server/api.js";
import { createComparison } from "./server/comparison.js";
import { createPlayer, watchLatency } from "./server/player.js";
import { createSession } from "./server/session.js";
import { createHold } from "./state/hold.js";
import { createPainter } from "./state/paint.js";
import { followUpdates } from "./state/samples.js";
import { createStore } from "./state/store.js";
import { createUndo } from "./state/undo.js";
import { createWalker } from "./state/walker.js";
import { TEXT } from "./text/en.js";
import { find, slot, still, write } from "./ui/dom.js";
import { mountNotice } from "./ui/notice.js";
import { plotly } from "./ui/plot.js";
import { mountShortcuts } from "./ui/shortcuts.js";
import { mountTheme } from "./ui/theme.js";

const TYPING = 300; // ms without a key before a changed experiment is sent

const store = createStore();
const { state } = store;
store.set({ first: isFirstVisit() });
followUpdates(store);
const api = createApi(API);
const painter = createPainter(store);
const session = createSession(store, api);
const player = createPlayer({ store, session, painter, latency: watchLatency() });

const undo = createUndo(store, session);
const comparison = createComparison(store, api, session);

/**
 * Another experiment, from the form. It starts at step 0; if the run was playing, the new one
 * plays.
 * @param {Recipe} wanted @param {boolean} [now] do not wait for more typing
 */
function change(wanted, now = false) {
  const recipe = fitEdits(wanted, state.experiment?.recipe ?? null);
  store.set({ recipe });
  const prepared = session.prepareOpen({ recipe, step: 0 });
  setTimeout(() => prepared() && begin(recipe, prepared), now ? 0 : TYPING);
}

/** @param {RecipePart} recipe @param {() => boolean} [prepared] of `session.prepareOpen` */
function begin(recipe, prepared) {
  undo.remember();
  return session.open(recipe, 0, prepared);
}

// The address after "#" is the view: a link to a part of the page moves the focus alone.
for (const link of document.querySelectorAll("a.skip"))
  link.addEventListener("click", (event) => {
    event.preventDefault();
    find(/** @type {HTMLAnchorElement} */ (link).hash, HTMLElement).focus();
  });

const theme = mountTheme(store);
store.on(["theme"], () => painter.redraw());
mountNotice(store);
const help = mountHelp();
// On a lesson's page the lesson has the address, and says what is shown.
const lesson = mountLesson({ store, api, session, player });
const address =
  lesson ??
  mountAddress(store, {
    open: (recipe, step) => session.open(recipe, step),
    go: (step) => to(step),
    next: session.upcoming,
  });
const explorer = "link" in address ? address : null;
const room = explorer && mountClass({ store, api, session, player, address: explorer });
const hold = createHold(store, session);
const services = { store, api, painter, session, player, undo, comparison, hold };
const dock = createDock({ store, painter });
const comparing = mountComparing(services);
const changing = { ...services, change, begin };
const ownData = mountOwnData(changing);
mountExperiment(changing, ownData);
mountExamples(changing);
const ribbon = mountRibbon(services, { head: createNumbersSwitch(store, painter) });
const walker = createWalker(store, { still, pause: () => player.pause() });
mountWalk(store, painter);
const dragging = mountHold(services, comparing);
const working = mountWorking(services, {
  view: createViewBar(services),
  submitted: createSubmittedNumbers({ ...services, ...comparing }),
  sampleParts: createSampleParts(services),
  sums: createLargestSums(services),
  whose: createWhoseUpdate(store),
  whatIf: (root) => mountWhatIf(root, services, dragging),
  origin: provenance,
});
mountTransport(services);
const visit = mountFirstVisit(services);
mountWords(services);
mountAlarms(changing, comparing);
const top = mountTop(store);
// A lesson's address never changes.
const share = mountShare(services, explorer?.link ?? (() => location.href));

// Another sample or convention: other numbers for the same step.
store.on(["sample", ...NOTATION], (_, changed) => {
  if (changed.has("data")) return; // it came with another experiment, numbers and all
  if (state.frame && state.experiment && !state.pending) session.look();
});

// What is loaded when it is opened first.
const watch = once(async () => (await import("./watch/index.js")).mountWatch(services));
store.on(["watch"], () => state.watch !== null && !lesson && watch());
const twoRuns = once(async () =>
  (await import("./explorer/two-runs.js")).mountTwoRuns(services, comparing),
);
store.on(["both"], () => state.both && twoRuns());
slot("watch").addEventListener("click", (/** @type {Event} */ event) => {
  if (lesson) return; // its link leads to the explorer
  event.preventDefault();
  store.set({ watch: 1 });
});

/** To a step ends the play. @param {number} step */
const to = (step) => {
  if (state.playing) player.pause();
  return session.go(step);
};
const hidden = hiddenNames();
const parts = { ribbon, walker, working, share, comparing, top, help, theme, visit };
/** @type {Command[]} */
const commands = [...commandsOf({ ...services, ...parts }), ...((lesson ?? room)?.commands ?? [])];
mountShortcuts(allowed(commands, hidden));
help.show(allowed(commands, hidden));
const { hideUnknown, hideNames = "" } = document.body.dataset;
// A lesson and a room have another veil.
const phases = explorer && !room ? hidden : [];
mountHide(store, { names: phases, unknown: hideUnknown, all: hideNames });

/**
 * The figures. plotly.js runs after the first numbers were requested: the server computes them
 * meanwhile, and while a script runs the page handles no answer.
 */
async function mountFigures() {
  await session.requested;
  const Plotly = await plotly();
  const stage = mountStage({ ...services, Plotly });
  mountOverlay(services, stage);
  mountWatchEntry(services, stage);
  dragging.onStage(stage);
  await dock.mount({ ...services, Plotly });
  mountTakeAlong({ ...services, Plotly });
}

/** The experiment of the address, or the one of a first visit. */
async function openFirst() {
  const wanted = await (room ?? address).read();
  const shown = await session.open(wanted.recipe, wanted.step);
  if (shown || state.experiment || state.pending) return;
  // A link whose recipe or step this server refuses: say what is wrong, and show the first-visit
  // experiment.
  const { problems } = state;
  await session.open({}, 0);
  const said = Object.entries(problems).map(([field, message]) => `${field}: ${message}`);
  if (said.length && !ownData.missing())
    store.set({ failure: { kind: "error", text: TEXT.ui.linkCannotBeMade(said.join("; ")) } });
}

async function start() {
  const asked = session.ask("catalog", () => api.catalog());
  await Promise.all([
    asked.then((catalog) => catalog && store.set({ catalog })),
    openFirst().then(() => room?.begun()),
    mountFigures(),
    state.first || session.requested.then(working.loadPictures),
  ]);
  if (state.both) await twoRuns();
  await painter.drawn();
  await painter.drawn(); // what a drawing or a size has asked for
  document.body.dataset.ready = "true";
  store.on(["first"], working.loadPictures);
}

start().catch((error) => {
  console.error(error);
  store.set({ failure: { kind: "error", text: error.message } });
  write(slot("announce"), error.message);
});
