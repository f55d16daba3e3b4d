/** Colours for figures; each name has a colour of its own. */
export const PALETTE = {
  paper: "#ffffff",
  sheet: "#fefefe",
  wash: "#f0f0f0",
  ink: "#000000",
  soft: "#777777",
  rule: "#cccccc",
  strongRule: "#999999",
  positive: "#0000ff",
  negative: "#ff8000",
  positiveStrong: "#0000aa",
  negativeStrong: "#aa5000",
  zero: "#eeeeee",
  phases: { forward: "#008080", cost: "#c08000", backward: "#8000c0", update: "#00a000" },
  classes: Array.from({ length: 10 }, (_, k) => `#${String(k).repeat(6)}`),
  sans: "sans-serif",
  math: "serif",
  type: 12,
};
export const SIZE = { width: 400, height: 200 };
