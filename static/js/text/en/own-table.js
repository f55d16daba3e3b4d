/** Texts of an own table. */
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
  /** @param {string} name @param {string} size */
  readAsIs: (name, size) => `${name}, ${size} kB, is read as it is. `,
  takeText: "take the text instead",
  leaveRowOut: "Leave this row out",
  /** @param {string} n */
  leaveRowsOut: (n) => `Leave these ${n} rows out`,
  /** @param {number | string} row */
  showRow: (row) => `Show row ${row}`,
  linkNeedsTable: "The link needs the table with which it was made, with the same columns chosen.",
  tableOfLink: "This is the table of the link: it opens as it was.",
  notTableOfLink:
    "This is not the table of the link: other rows, or other columns chosen. It can be " +
    "used all the same, as new data.",
  whatIsLearned: "What is learned",
  learn: "learn",
  from: "from",
  /** @param {string} name */
  learnColumn: (name) => `learn ${name}`,
  /** @param {string} name */
  fromColumn: (name) => `from ${name}`,
  yes: "yes",
  no: "no",
  classes: "classes",
  aNumber: "a number",
};
