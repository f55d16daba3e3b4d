/** Texts of the programs: gallery, code, picture, working. */

/** @param {number} n @param {string} one @param {string} many */
const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

export const programs = {
  source: "Source of the program",
  graph: "Lines of the program in the order of its source",
  share: "Share",
  linkCopied: "Link copied",
  seed: "seed",
  toSee: "What is to be seen",
  /** @param {string} name */
  less: (name) => `Less: ${name}`,
  /** @param {string} name */
  more: (name) => `More: ${name}`,
  /** @param {number} n */
  moreRuns: (n) => `… ${n} more`,
  /** @param {string} kind @param {number} count @param {number} operations */
  opens: (kind, count, operations) =>
    kind === "loop" ? `open ${count} runs` : `${operations} operations`,
  open: "open",
  /** @param {string} label */
  fold: (label) => `${label} · fold`,
  /** @param {string} name */
  from: (name) => `from ${name}`,
  /** @param {string} name @param {string} reader */
  partOf: (name, reader) =>
    `The part of ∂C/∂${name} that comes back along one path${reader ? ` from ${reader}` : ""}`,
  /** @param {string} name @param {number} parts @param {number} paths */
  paths: (name, parts, paths) =>
    paths > 1
      ? `${name} is read in ${parts} places: ${paths === parts ? "as many" : paths} paths come back and add up`
      : `${name} is read ${parts} times: the parts come back and add up`,
  /** @param {string} name */
  gradient: (name) => `How the cost changes with ${name}`,
  /** @param {string} name */
  value: (name) => `How ${name} is computed`,
  /** @param {number} line @param {string} code */
  lineIs: (line, code) => `Line ${line}: ${code}`,
  /** @param {number} line @param {string} code */
  wayBack: (line, code) => `Back through line ${line}: ${code}`,
  /** @param {number} n */
  manyParts: (n) => `+ ${n} more`,
  /**
   * As a screen reader says a node.
   * @param {{label: string, lines: string, size: number, readers: string[], gradient: boolean,
   *   opens: boolean}} node
   */
  node: ({ label, lines, size, readers, gradient, opens }) =>
    [
      label,
      lines && `line ${lines}`,
      size ? counted(size, "number", "numbers") : "",
      gradient ? "gradient known" : "",
      readers.length ? `read by ${readers.join(", ")}` : "",
    ]
      .filter(Boolean)
      .join(", ") + (opens ? "; opens" : ""),
  /** @param {string} axis @param {number} by */
  slice: (axis, by) => `${by > 0 ? "Next" : "Previous"} ${axis}`,
  formulas: "Formula",
  asComputed: "as computed",
  /** @param {number} n */
  parts: (n) => counted(n, "part", "parts"),
  cost: "cost",
  operations: "operations",
  proved: "gradients proved",
  notChecked: "too large to check",
  /** @param {number} right @param {number} all @param {number} ties */
  ofAll: (right, all, ties) =>
    `${right} of ${all}${right === all ? " ✓" : ""}${ties ? ` · ${counted(ties, "tie", "ties")}` : ""}`,
  /** @param {number} n */
  linesOfCode: (n) => counted(n, "line", "lines"),
  /** @param {string} why */
  cannotShow: (why) => `This program cannot be shown: ${why}`,
  help: [
    [
      "A line is a node",
      "Code, picture, ribbon and working name the same line; choosing it in one chooses it in all.",
    ],
    [
      "Two slots",
      "Above the value (teal), below its gradient ∂C/∂· (purple); hollow: not computed at this line.",
    ],
    [
      "Edges are terms",
      "On the way back an edge is as wide as its part of the chosen entry, blue positive, orange negative.",
    ],
    [
      "Groups",
      "A source line, a loop or a call is one node; Enter opens it, Escape folds it again.",
    ],
    ["Proof", "Every gradient is compared with autograd and with finite differences."],
  ],
  keys: {
    line: "line before, next line",
    forward: "walk forward",
    back: "walk back from the cost",
    slice: "slice before, next slice",
    path: "path of a gradient with several",
    fold: "open or fold the loop",
    short: "the shorter formula",
    node: "node; open or fold it",
  },
  all: "all",
  topics: { layers: "layers", sequences: "sequences", costs: "costs" },
  topic: "Programs of",
  noRecording:
    'This file is no recording: it holds no JSON. bx.explain(f, *args).save("layer.json") writes one.',
  notOurs:
    'This file is JSON, but no recording of a program: it has no version, givens and nodes. bx.explain(f, *args).save("layer.json") writes one.',
  /** @param {string} version */
  otherVersion: (version) =>
    `This recording has version ${version}; this server reads version 1. Record the program again with the package of this server.`,
  /** @param {string} field @param {string} message */
  refused: (field, message) => `${field}: ${message}`,
  tooLarge: "This file is larger than 50 MB. Record the program with smaller arrays.",
  reading: "Reading the recording …",
};
