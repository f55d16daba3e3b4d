/** Texts of the figures beside the network: tabs and headings. */
export const dock = {
  network: "Network",
  data: "Data",
  curves: "Curves",
  flow: "Flow",
  flowHeading: "Gradient flow",
  health: "Health",
  healthHeading: "Health",
  healthTitle: "Dead and saturated units, size of the update, spread of the gradient",
  cost: "Cost",
  costHeading: "Cost nearby",
  costTitle: "The cost along the gradient, and over a plane with the path so far",
  map: "Map",
  mapHeading: "Map of runs",
  mapTitle: "Many runs over two settings, each a square",
};
