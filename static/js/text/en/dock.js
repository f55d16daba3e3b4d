/** Texts of the figures below the network: headings, and what the middle one can show. */
export const dock = {
  flow: "flow",
  flowHeading: "Gradient flow",
  health: "health",
  healthHeading: "Health",
  healthTitle: "Dead and saturated units, size of the update, spread of the gradient",
  cost: "cost",
  costHeading: "Cost nearby",
  costTitle: "The cost along the gradient, and over a plane with the path so far",
  map: "map",
  mapHeading: "Map of runs",
  mapTitle: "Many runs over two settings, each a square",
};
