/** Texts of own data. */
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
  /** @param {number} n */
  rows: (n) => `${n.toLocaleString("en-US")} rows.`,
};
