/** Training curves of the runs of a row or column of the map, as small multiples. */
import { number } from "../../core/format.js";
import { digitsFor, valueText } from "../../core/sweep.js";
import { curvePath } from "../../figures/map.js";
import { recipeOfCell } from "../../server/sweep.js";
import { TEXT } from "../../text/en.js";
import { h, s } from "../../ui/dom.js";

const MOST = 12;
const [WIDTH, HEIGHT] = [84, 40];

/**
 * A column of the recorded points, as plain numbers.
 * @param {Frame} frame @param {keyof NonNullable<Frame["curves"]>} name @returns {number[]}
 */
const columnOf = (frame, name) => Array.from(frame.curves?.[name]?.data ?? []);

export function mapCurves(/** @type {Api} */ api) {
  // it takes the focus so that arrow keys can scroll it
  const element = h("div.map-curves[role=list][tabindex=0][hidden]");
  let requests = 0;

  /**
   * @param {import("../../server/sweep.js").Kept} kept @param {Cells} cells @param {Cell} at
   * @param {"row" | "column"} which
   */
  async function show(kept, cells, at, which) {
    requests += 1;
    const request = requests;
    const along = which === "row" ? cells.columns : cells.rows;
    const every = Math.ceil(along / MOST);
    const places = Array.from({ length: along }, (_, k) => k).filter((k) => k % every === 0);
    const axis = kept.sweep.axes[which === "row" ? 1 : 0] ?? kept.sweep.axes[0];
    element.hidden = false;
    element.setAttribute("aria-label", TEXT.map.costsOf[which]);
    element.replaceChildren(h("p.soft", TEXT.map.curvesBeingComputed));
    const curves = await Promise.all(
      places.map(async (k) => {
        const cell = which === "row" ? { ...at, column: k } : { ...at, row: k };
        const recipe = await recipeOfCell(api, kept.id, cell);
        const { id } = await api.createExperiment(recipe);
        const frame = await api.frame(id, kept.sweep.step, { include: "curves" });
        return {
          value: axis.values[k],
          steps: columnOf(frame, "step"),
          costs: columnOf(frame, "cost_train"),
        };
      }),
    ).catch(() => null);
    if (request !== requests) return;
    if (!curves) return element.replaceChildren(h("p.soft", TEXT.map.noCurves));
    const costs = curves.flatMap((each) => each.costs);
    const digits = digitsFor(axis.values, 3);
    const finite = costs.filter(Number.isFinite).sort((a, b) => a - b);
    const [low, high] = [finite[0] ?? 0, finite[Math.floor(0.95 * (finite.length - 1))] ?? 1];
    element.replaceChildren(
      ...curves.map(({ value, steps, costs: values }) => {
        const last = values.at(-1);
        const size = { width: WIDTH, height: HEIGHT };
        const name = valueText(value, digits);
        const said = TEXT.map.curve(name, number(last ?? null, 3), steps.at(-1));
        const svg = s(
          "svg[role=img]",
          { ...size, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-label": said },
          s("path.map-curve", {
            d: curvePath(steps, values, { ...size, last: kept.sweep.step, low, high }),
          }),
        );
        return h("div[role=listitem]", svg, h("span", name));
      }),
    );
  }

  return {
    element,
    show,
    clear() {
      requests += 1;
      element.hidden = true;
      element.replaceChildren();
    },
  };
}
