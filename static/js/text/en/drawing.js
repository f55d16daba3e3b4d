/** Texts of points that are drawn. */
export const drawing = {
  plane: "Plane to put points into",
  movedTo: "moved to",
  /** @param {string} name @param {number} n */
  removedLeft: (name, n) => `${name} removed, ${n} left`,
  putAt: "put at",
  /** @param {number} n @param {string} point @param {string} where */
  putAround: (n, point, where) => `${n} ${point.replace("point", "points")} put around ${where}`,
  leftAt: "left at",
  noPoint: "There is no point here",
  /** @param {string} name */
  takenAlong: (name) => `${name} is taken along, Enter leaves it`,
  twoFeaturesClass: "Two features; each point has a class",
  twoFeaturesNumber: "Two features; each point has a number, shown by its colour",
  oneFeature: "One feature; the height of a point is what is learned",
  keys:
    "Arrows move the cross-hair (with Shift in small steps), Enter puts a point, 1 to 9 " +
    "choose the class, + and − the value, Delete removes, M takes a point along, [ and ] " +
    "go from point to point, U undoes.",
  valueOfNext: "value of the next points",
  classOfNext: "Class of the next points",
  itsName: "its name",
  allRemoved: "all points removed",
  takePresent: "take the present data",
  fromExperiment: "Start from the points of the experiment",
  /** @param {number} n */
  cloud: (n) => `${n} points at once, scattered`,
  pointer: "Click to put a point, click a point to remove it, drag it to move it.",
  title: "Draw points",
  /** @param {string} name */
  pointOfClass: (name) => `point of class ${name}`,
  /** @param {string} value */
  pointOfValue: (value) => `point of value ${value}`,
  doneAgain: "done again",
  /** @param {number} n */
  taken: (n) => `${n} points taken from the experiment`,
  /** @param {number} n */
  useThesePoints: (n) => `Use these ${n} points`,
  usePoints: "Use these points",
  whatIsLearnedAxis: "what is learned",
  /** @param {number} n */
  atMost: (n) => `At most ${n} points.`,
  classes: "classes",
  values: "values",
  curve: "a curve",
  learn: "learn",
  /** @param {string} value */
  value: (value) => `value ${value}`,
  /** @param {string} name */
  classNamed: (name) => `class ${name}`,
  /** @param {string} place @param {string} point */
  onPoint: (place, point) => `${place}, on ${point}`,
  oneClassMore: "+ class",
  undoKey: "u",
  undo: "undo",
  undone: "undone",
  redo: "redo",
  clear: "clear",
};
