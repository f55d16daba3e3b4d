/**
 * Own data: drawn points or a table, the experiment that they make, and links to a table that this
 * server does not have.
 */

import { once } from "../core/once.js";
import { describeFit, isOwn, providedTable, withOwnData } from "../core/recipe.js";
import { Problem } from "../server/api.js";
import { isFilled } from "../state/store.js";
import { TEXT } from "../text/en.js";
import { button, h, write } from "../ui/dom.js";

/** @typedef {ReturnType<typeof mountOwnData>} OwnData */

/** @type {Record<string, string>} */
const NAMES = { points: TEXT.ownData.ownPoints, uploaded: TEXT.ownData.ownTable };

/** A dialog that is loaded when it is opened first. */
function opened(/** @type {() => Promise<{open: () => void}>} */ load) {
  const dialog = once(load);
  return { open: async () => (await dialog()).open() };
}

/** @param {Services & Changes} services */
export function mountOwnData(services) {
  const { store, api, session, begin } = services;
  const { state } = store;
  /**
   * The last own data of this page, to return to.
   * @type {{dataset: DatasetRecipe, classes: number | null, targets: number | undefined} | null}
   */
  let kept = null;
  /** @type {{id: string, hash: string} | null} a table of a link that this server does not have */
  let missing = null;
  const facts = h("p.note.own-facts[role=status][data-readout=own-data]");

  /** @param {DatasetRecipe} dataset */
  const providedOf = (dataset) => providedTable(dataset, state.catalog);

  const draw = opened(async () =>
    (await import("./draw-points.js")).mountDrawPoints({ ...services, use }),
  );
  const table = opened(async () =>
    (await import("./own-table.js")).mountOwnTable({ ...services, use, missing: () => missing }),
  );

  /** @type {UseData} */
  async function use(dataset, classes, targets) {
    if (missing && dataset.id === missing.id) {
      const { hash } = missing;
      missing = null;
      store.set({ failure: null });
      const shown = state.experiment?.recipe;
      if (shown && shown.dataset.id === dataset.id)
        await session.open(shown, state.step); // the server had lost what is on screen
      else location.hash = hash; // the link is opened again, with all of its view
      return null;
    }
    if (!isFilled(state)) return null;
    const recipe = withOwnData(state.recipe, dataset, classes, state.catalog, targets);
    try {
      await api.createExperiment(recipe);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return (
        error.errors.map(({ field, message }) => `${field}: ${message}`).join("\n") || error.message
      );
    }
    missing = null;
    if (!providedOf(dataset)) kept = { dataset, classes, targets };
    store.set({
      failure: null,
      selection: null,
      entry: null,
      axes: null,
      view: "auto",
      line: "z1",
      sample: 0,
    });
    await begin(recipe);
    return null;
  }

  // A recipe holds the id of an uploaded table, not the table. When the server does not have it (a
  // link from elsewhere, an emptied store), the address is kept to be opened after an upload.
  store.on(["problems"], () => {
    const id =
      state.problems["dataset.id"] && /[#&]dataset\.id=([0-9a-f]{20})/.exec(location.hash)?.[1];
    if (!id) return;
    missing = { id, hash: location.hash };
    store.set({
      failure: {
        kind: "missing",
        text: TEXT.ownData.linkNeedsUpload,
        action: { text: TEXT.ownData.uploadAgain, run: () => table.open() },
      },
    });
  });

  return {
    missing: () => missing !== null,
    /** What the menu of data sets offers beside the catalog's: the server's tables, own data. */
    entries() {
      const tables = state.catalog?.provided_datasets ?? [];
      const provided = tables.map(({ dataset, title, description }) => ({
        name: dataset.id,
        title,
        description,
      }));
      const used = [state.recipe?.dataset, kept?.dataset].find(
        (dataset) => dataset && isOwn(dataset) && !providedOf(dataset),
      );
      const entry = used && {
        name: used.name,
        title: NAMES[used.name],
        description: TEXT.ownData.dataYouBrought,
      };
      return entry ? [entry, ...provided] : provided;
    },
    /** The entry of the menu that the experiment's data are, if it is one of these. */
    chosen: () => state.recipe && providedOf(state.recipe.dataset)?.dataset.id,
    /** Use a table of the server, or the own data that were used last. @param {string} name */
    choose(name) {
      const table = state.catalog?.provided_datasets.find(({ dataset }) => dataset.id === name);
      if (!table) return kept && use(kept.dataset, kept.classes, kept.targets);
      return use(table.dataset, table.classes || null, table.targets);
    },
    /** What the form shows under the menu. */
    rows: () => [
      h(
        "div.own-tools",
        button("draw-points.small", TEXT.ownData.drawPoints, () => draw.open(), {
          title: TEXT.ownData.clickPoints,
        }),
        button("own-table.small", TEXT.ownData.pasteOrUpload, () => table.open(), {
          title: TEXT.ownData.pasteTable,
        }),
      ),
      facts,
    ],
    draw() {
      const { experiment, data, catalog } = state;
      const hasOwnData = experiment && data && isOwn(experiment.recipe.dataset);
      facts.hidden = !hasOwnData;
      const table = hasOwnData && providedOf(experiment.recipe.dataset);
      if (!hasOwnData || !catalog) return;
      const { recipe } = experiment;
      const classes = data.task === "classification" ? data.classes.length : null;
      if (!table && (!kept || JSON.stringify(kept.dataset) !== JSON.stringify(recipe.dataset)))
        kept = { dataset: recipe.dataset, classes, targets: data.train.targets?.[0].length ?? 1 };
      const rows = data.train.x.length + data.test.x.length;
      const where = table
        ? table.description
        : recipe.dataset.name === "points"
          ? TEXT.ownData.linkHolds
          : TEXT.ownData.onServer;
      write(facts, `${TEXT.ownData.rows(rows)} ${where} ${describeFit(recipe, classes, catalog)}`);
    },
  };
}
