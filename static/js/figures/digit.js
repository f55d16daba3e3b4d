/**
 * A sample that is an image: the image, and how strongly the network says each class.
 */
import { axisOf, CRISP, figureOf, mix } from "./colour.js";

/**
 * @param {Data} data @param {number} sample
 * @param {ArrayLike<number> | null} output of the network for this sample
 * @param {Palette} palette @param {{width: number, height: number}} size
 * @returns {Figure}
 */
export function digitFigure(data, sample, output, palette, { width, height }) {
  const [rows, columns] = data.image_shape ?? [1, data.features.length];
  const x = data.train.x[sample];
  // back from standardised to the pixels of the image
  /** @param {number} k */
  const pixel = (k) => x[k] * (data.feature_scale?.[k] ?? 1) + (data.feature_mean?.[k] ?? 0);
  const z = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => pixel(r * columns + c)),
  );
  const truth = data.train.target[sample];
  const values = Array.from(output ?? [], Number);
  const names = data.classes.map(String);
  const side = Math.min(height - 30, width * 0.42);
  return figureOf(
    palette,
    { width, height },
    [
      {
        type: "heatmap",
        z,
        colorscale: [
          [0, palette.sheet],
          [1, palette.ink],
        ],
        showscale: false,
        ...CRISP,
        hovertemplate: "row %{y}, column %{x}: %{z:.3g}<extra></extra>",
      },
      {
        type: "bar",
        orientation: "h",
        x: values,
        y: names,
        xaxis: "x2",
        yaxis: "y2",
        marker: {
          color: names.map((_, k) =>
            k === truth ? palette.phases.forward : mix(palette.paper, palette.soft, 0.55),
          ),
        },
        text: values.map((v) => (v >= 0.005 ? v.toFixed(2) : "")),
        textposition: "outside",
        cliponaxis: false,
        textfont: { size: 12, color: palette.ink },
        hovertemplate: "class %{y}: %{x:.4f}<extra></extra>",
      },
    ],
    {
      margin: { l: 14, r: 30, t: 8, b: 22 },
      xaxis: {
        visible: false,
        domain: [0, side / (width - 44)],
        fixedrange: true,
        constrain: "domain",
      },
      yaxis: {
        visible: false,
        range: [rows - 0.5, -0.5],
        scaleanchor: "x",
        fixedrange: true,
        constrain: "domain",
      },
      xaxis2: {
        ...axisOf(palette),
        domain: [Math.min(0.7, side / (width - 44) + 0.1), 1],
        anchor: "y2",
        range: [0, 1.08],
        tickvals: [0, 0.5, 1],
      },
      yaxis2: {
        ...axisOf(palette),
        anchor: "x2",
        autorange: "reversed",
        type: "category",
        showgrid: false,
        ticks: "",
        dtick: 1,
      },
      bargap: 0.25,
    },
  );
}
