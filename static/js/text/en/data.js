/** Texts of own data. @satisfies {Texts} */
export const ownData = {
  ownTable: "own table",
  ownPoints: "own points",
  linkNeedsUpload:
    "This link needs a table that is not on this server: one of this size stays where it " +
    "was uploaded. Upload it again, and the link opens.",
  uploadAgain: "Upload it again",
  dataYouBrought: "Data that you brought",
  clickPoints: "Click points into the plane",
  drawPoints: "draw points",
  pasteTable: "Paste a table, or upload a CSV file",
  pasteOrUpload: "paste or upload",
  linkHolds: "The link holds them.",
  onServer: "They are on this server; a link opens where they are.",
  rows: (n) => `${n.toLocaleString("en-US")} rows.`,
};

/** Texts of an own table. @satisfies {Texts} */
export const ownTable = {
  wordsCannotBeLearned: "Words cannot be learned from",
  rowsAndColumns: "The first rows, and what each column is for",
  example: "width, length, kind\n1.5, 4.2, setosa\n5.1, 6.0, virginica",
  namesInFirstRow: "Names in the first row",
  firstRowNames: "first row has names",
  firstRows: "The first rows",
  useData: "Use this data",
  pasteRows: "Paste rows separated by commas, semicolons or tabs, drop a file here, or choose one.",
  csvFile: "CSV file",
  title: "Your own table",
  readAsIs: (name, size) => `${name}, ${size} kB, is read as it is. `,
  takeText: "take the text instead",
  leaveRowOut: "Leave this row out",
  leaveRowsOut: (n) => `Leave these ${n} rows out`,
  showRow: (row) => `Show row ${row}`,
  linkNeedsTable: "The link needs the table with which it was made, with the same columns chosen.",
  tableOfLink: "This is the table of the link: it opens as it was.",
  notTableOfLink:
    "This is not the table of the link: other rows, or other columns chosen. It can be " +
    "used all the same, as new data.",
  whatIsLearned: "What is learned",
  learn: "learn",
  from: "from",
  learnColumn: (name) => `learn ${name}`,
  fromColumn: (name) => `from ${name}`,
  yes: "yes",
  no: "no",
  classes: "classes",
  aNumber: "a number",
};

const counted = (/** @type {number} */ n) => n.toLocaleString("en-US");

/** Texts about a table that was uploaded. @satisfies {Texts} */
export const table = {
  classes: (/** @type {string[]} */ classes) =>
    `${classes.length} classes (${classes.slice(0, 6).join(", ")}` +
    `${classes.length > 6 ? ", …" : ""})`,
  numbers: (/** @type {number} */ targets) => (targets > 1 ? `${targets} numbers` : "a number"),
  /** @param {number} rows that are incomplete */
  leftOut: (rows) => {
    if (!rows) return "";
    return rows === 1
      ? " 1 incomplete row is left out."
      : ` ${counted(rows)} incomplete rows are left out.`;
  },
  inLink: "The link will hold them.",
  onServer: "Too many for a link: they stay on this server, and a link opens where they are.",
  /**
   * @param {number} rows @param {string} what is learned
   * @param {number} features @param {string} leftOut @param {string} where they are kept
   */
  described: (rows, what, features, leftOut, where) =>
    `${counted(rows)} rows: ${what} from ${features} ` +
    `${features === 1 ? "feature" : "features"}.${leftOut} ${where}`,
};

/** Texts of points that are drawn. @satisfies {Texts} */
export const drawing = {
  plane: "Plane to put points into",
  movedTo: "moved to",
  removedLeft: (name, n) => `${name} removed, ${n} left`,
  putAt: "put at",
  /** @param {number} n @param {string} point @param {string} where */
  putAround: (n, point, where) => `${n} ${point.replace("point", "points")} put around ${where}`,
  leftAt: "left at",
  noPoint: "There is no point here",
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
  cloud: (n) => `${n} points at once, scattered`,
  pointer: "Click to put a point, click a point to remove it, drag it to move it.",
  title: "Draw points",
  pointOfClass: (name) => `point of class ${name}`,
  pointOfValue: (value) => `point of value ${value}`,
  doneAgain: "done again",
  taken: (n) => `${n} points taken from the experiment`,
  useThesePoints: (n) => `Use these ${n} points`,
  usePoints: "Use these points",
  whatIsLearnedAxis: "what is learned",
  atMost: (n) => `At most ${n} points.`,
  values: "values",
  curve: "a curve",
  value: (value) => `value ${value}`,
  classNamed: (name) => `class ${name}`,
  onPoint: (place, point) => `${place}, on ${point}`,
  oneClassMore: "+ class",
  undoKey: "u",
  undo: "undo",
  undone: "undone",
  redo: "redo",
  clear: "clear",
};
