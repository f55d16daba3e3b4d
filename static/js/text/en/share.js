/** Texts of sharing and exporting. */
export const share = {
  notebook: "Notebook",
  notebookWhy: "Data, training and every line in NumPy, checked with autograd",
  numpyScript: "NumPy script",
  numpyScriptWhy: "The notebook as one Python file",
  pytorch: "PyTorch code",
  pytorchWhy: "These weights in torch.nn, the same gradients, one update",
  workingJson: "Working as JSON",
  workingJsonWhy: "All lines with values, formulas and proof",
  historyCsv: "History as CSV",
  historyCsvWhy: "Cost, score and gradient norms of the recorded steps",
  dataCsv: "Data as CSV",
  dataCsvWhy: "All rows before standardising",
  weights: "Weights for NumPy",
  weightsWhy: "W (inputs × outputs) and b of every layer, for np.load",
  /** @param {string} what */
  notBeforeAnswered: (what) => `What is ${what} can be exported once it is answered.`,
  lineAsNumPy: "This line as NumPy",
  shareAndExport: "Share and export",
  copyLink: "Copy link",
  linkToCard: "To this lesson with the numbers of its seed, at this card",
  linkToView: "It holds the whole view: recipe, step, line, what is chosen",
  copiedWithInputs: "Copied with what it is made of",
  /** @param {string} line */
  lineCopied: (line) => `${line} is copied`,
  filesOfStep: "Files of this step",
  linkCopied: "Link copied",
  linkInAddress: "Link is in the address bar",
  share: "Share",
  /** @param {string} title */
  beingMade: (title) => `${title} is being made …`,
  /** @param {string} title */
  couldNotBeMade: (title) => `${title} could not be made.`,
  /** @param {string} name */
  downloaded: (name) => `${name} is downloaded.`,
  /** @param {string} line */
  copiedAsNumPy: (line) => `${line} copied as NumPy`,
  mayNotCopy: "This browser does not let the page copy.",
  copied: "copied",
  notCopied: "no",
};
