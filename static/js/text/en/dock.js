/** Texts of the dock: of each figure its tab, its heading and the tooltip of its tab. */
export const dock = {
  network: "Network",
  /** @type {Record<string, {text: string, heading: string, title?: string}>} in this order */
  figures: {
    data: { text: "Data", heading: "Data and prediction" },
    "gradient-flow": { text: "Flow", heading: "Gradient flow" },
    health: {
      text: "Health",
      heading: "Health",
      title: "Dead and saturated units, size of the update, spread of the gradient",
    },
    cost: {
      text: "Cost",
      heading: "Cost nearby",
      title: "The cost along the gradient, and over a plane with the path so far",
    },
    map: {
      text: "Map",
      heading: "Map of runs",
      title: "Many runs over two settings, each a square",
    },
    "training-curves": { text: "Curves", heading: "Training" },
  },
};
