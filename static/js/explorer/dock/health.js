/**
 * The health of each layer: units that are dead, outputs that are saturated, how far an update
 * moves the weights, and how the entries of the gradient are spread.
 */

import { number } from "../../core/format.js";
import { gradientsVeiled, NOT_SHOWN } from "../../core/veil.js";
import { TEXT } from "../../text/en.js";
import { h, patch, s } from "../../ui/dom.js";
import { worded } from "../words.js";

const LARGE_UPDATE = 0.1; // as a fraction of the size of the weights
const SMALL_UPDATE = 1e-5;

/** @param {Place} place @param {FigureServices} services */
export function mountHealth({ section }, { painter }) {
  const box = h("div.health[data-slot=health][role=region][tabindex=0]", {
    "aria-label": TEXT.health.title,
  });
  section.append(box);
  painter.add("health", 240, (state) => {
    if (state.tab !== "health" || !state.frame?.layers[0]?.gradient) return;
    patch(box, gradientsVeiled(state) ? h("p.soft", NOT_SHOWN) : table(state.frame));
  });
}

function table(/** @type {Frame} */ { layers, step, score }) {
  const head = [
    [TEXT.health.layer, ""],
    [TEXT.health.dead, TEXT.health.partZero],
    [TEXT.health.saturated, TEXT.health.partFlat],
    [TEXT.health.meanStdName, TEXT.health.meanStd],
    ["‖Δ𝑊‖ / ‖𝑊‖", TEXT.health.updateRatio],
    ["∂𝐶/∂𝑊", TEXT.health.gradientSpread],
  ];
  return h(
    "table.health-table",
    h("caption.visually-hidden", TEXT.health.healthAt(step)),
    h(
      "thead",
      h(
        "tr",
        head.map(([text, title]) => h("th[scope=col]", { title }, worded(text))),
      ),
    ),
    h(
      "tbody",
      layers.map((layer, i) => row(layer, i, i === layers.length - 1 ? score : null)),
    ),
  );
}

/**
 * @param {Layer} layer @param {number} i @param {Frame["score"] | null} score of the output layer,
 *   whose units are to be saturated where they are right
 */
function row({ activation, activation_statistics: statistics, gradient }, i, score) {
  const right = (score?.name === "accuracy" && score.train) || 0;
  /**
   * @param {number | null | undefined} value
   * @param {number} [fine] the fraction that is as it should be
   */
  const fraction = (value, fine = 0) =>
    value === null || value === undefined
      ? h("td.soft", "–")
      : h(
          "td",
          { class: value >= 0.5 && value > fine ? "bad" : null },
          `${Math.round(100 * value)} %`,
        );
  const ratio = gradient?.update_ratio ?? null;
  const moved = h(
    "td",
    { class: ratio !== null && (ratio > LARGE_UPDATE || ratio < SMALL_UPDATE) ? "bad" : null },
    ratio === null ? "–" : number(ratio, 2),
  );
  return h(
    "tr",
    { "data-layer": i + 1 },
    h("th[scope=row]", String(i + 1), h("span.soft", ` ${activation.replace(/_/g, " ")}`)),
    fraction(statistics?.dead_fraction),
    fraction(statistics?.saturated_fraction, right),
    h("td", statistics ? `${number(statistics.mean, 2)} ± ${number(statistics.std, 2)}` : "–"),
    moved,
    h("td", histogram(gradient?.histogram)),
  );
}

const WIDTH = 62;
const HEIGHT = 20;

function histogram(/** @type {Schemas["Histogram"] | undefined} */ of) {
  if (!of) return "–";
  const { counts, edges } = of;
  const most = Math.max(...counts, 1);
  const each = WIDTH / counts.length;
  const [low, high] = [edges[0], edges[edges.length - 1]].map((edge) => number(edge, 2));
  const bars = counts.map((count, k) => {
    const height = (count / most) * (HEIGHT - 2);
    const side = edges[k] + edges[k + 1] < 0 ? "below" : "above";
    const place = { x: k * each + 0.5, y: HEIGHT - 1 - height, width: each - 1, height };
    return count ? s("rect", { class: side, ...place }) : null;
  });
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
  return s(
    "svg.histogram[role=img]",
    { ...box, "aria-label": TEXT.health.entriesFromTo(low, high) },
    bars,
    s("line", { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
  );
}
