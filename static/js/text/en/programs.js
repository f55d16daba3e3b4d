/** Texts of the programs: gallery, code, picture, working. */

const SAVE = 'bx.explain(f, *args).save("layer.json")';

/** @satisfies {Texts} */
export const programs = {
  source: "Source of the program",
  graph: "Lines of the program in the order of its source",
  share: "Share",
  linkCopied: "Link copied",
  seed: "seed",
  toSee: "What is to be seen",
  less: (name) => `Less: ${name}`,
  more: (name) => `More: ${name}`,
  /** @type {Record<"runs" | "list" | "nodes", (n: number, name: string) => string>} */
  left: {
    runs: (n) => `… ${n} more`,
    list: (n, name) => `${n} × ${name}`,
    nodes: (n) => `${n} more`,
  },
  opens: (kind, count, operations) =>
    kind === "loop" ? `open ${count} runs` : `${operations} operations`,
  open: "open",
  fold: (label) => `${label} · fold`,
  from: (name) => `from ${name}`,
  partOf: (name) => `The part of ∂C/∂${name} that comes back along one path`,
  paths: (name, parts, paths) =>
    Number(paths) > 1
      ? `${name} is read in ${parts} places: ${paths} paths add up`
      : `${name} is read ${parts} times: the parts add up`,
  gradient: (name) => `How the cost changes with ${name}`,
  value: (name) => `How ${name} is computed`,
  lineIs: (line, code) => `Line ${line}: ${code}`,
  wayBack: (line, code) => `Back through line ${line}: ${code}`,
  /**
   * As a screen reader says a node.
   * @param {{label: string, lines: string, size: number, readers: string[], gradient: boolean,
   *   opens: boolean}} node
   */
  node: ({ label, lines, size, readers, gradient, opens }) =>
    [
      label,
      lines && `line ${lines}`,
      size ? `${size} ${size === 1 ? "number" : "numbers"}` : "",
      gradient ? "gradient known" : "",
      readers.length ? `read by ${readers.join(", ")}` : "",
    ]
      .filter(Boolean)
      .join(", ") + (opens ? "; opens" : ""),
  previousSlice: (axis) => `Previous ${axis}`,
  nextSlice: (axis) => `Next ${axis}`,
  formulas: "Formula",
  asComputed: "as computed",
  parts: (n) => `${n} ${n === 1 ? "part" : "parts"}`,
  cost: "cost",
  operations: "operations",
  proved: "gradients proved",
  notChecked: "too large to check",
  ofAll: (right, all) => `${right} of ${all}${right === all ? " ✓" : ""}`,
  ties: (n) => ` · ${n} ${n === 1 ? "tie" : "ties"}`,
  linesOfCode: (n) => `${n} ${n === 1 ? "line" : "lines"}`,
  cannotShow: (why) => `This program cannot be shown: ${why}`,
  help: [
    ["A line is a node. ", "Code, picture, ribbon and working name the same line."],
    ["Two slots. ", "Value (teal) and gradient ∂C/∂· (purple); hollow: not computed at this line."],
    ["Edges are terms. ", "On the way back each is as wide as its part of the chosen entry."],
    ["Groups. ", "A source line, a loop or a call is one node; Enter opens it, Escape folds it."],
    ["Proof. ", "Every gradient is compared with autograd and with finite differences."],
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
  noRecording: `This file is no recording: it holds no JSON. ${SAVE} writes one.`,
  notOurs:
    "This file is JSON, but no recording of a program: it has no version, givens and nodes. " +
    `${SAVE} writes one.`,
  otherVersion: (version) =>
    `This recording has version ${version}, this server reads version 1. Record the program ` +
    "again with the package of this server.",
  refused: (field, message) => `${field}: ${message}`,
  tooLarge: "This file is larger than 50 MB. Record the program with smaller arrays.",
  reading: "Reading the recording …",
  noText: "This recording has no text of its program. .save(file, source=True) writes it, too.",
  check: {
    verdicts: {
      correct: "Correct",
      wrong: "A line is wrong",
      incomplete: "Right as far as it goes",
      unclear: "Not decided",
    },
    status: { right: "right", wrong: "first wrong", follows: "follows from a mistake" },
    onlyWith: (name) => `Right on your input, wrong with ${name}`,
    pathMissing: (through) => `One path is missing: through ${through}`,
    wrongOnEach: "wrong on each: no special input is needed to see it",
    wrongOn: (wrong, all) => `wrong on ${wrong} of ${all}`,
    casesSaid: (others) =>
      `yours, and ${others} ${others === 1 ? "other" : "others"} that may show what yours cannot`,
    yours: "yours",
    yourInput: "your input",
    right: "right",
    difference: "difference",
    times: (n) => `${n} times`,
    lineOn: (line, name, made) => `${made ? `${made}, after line` : "Line"} ${line} on ${name}`,
    result: (place) => `result${place}`,
    differ: (wrong, all) => `${wrong} of ${all} entries ${wrong === 1 ? "differs" : "differ"}`,
    noNumbers: "This line computes nothing that is a number.",
    onlyForward: "Only the forward pass ran on this input: its numbers are finite.",
    hidden: "The right numbers are not shown where the check is of an exercise.",
    large: (shape) => `An array of ${shape} numbers is too large to be shown.`,
    writtenInOrder: (place) => `${place}: what was written, in order`,
    earlier: (n) => `${n} earlier`,
    write: (k) => `write ${k}`,
    writtenOver: "written over",
    added: "added",
    stays: "stays",
    rightAll: (n) => `right: all ${n} added`,
    pathsOf: (name, n) => `${name}: ${n} paths`,
    through: (name, line) => (line ? `through ${name}, line ${line}` : `through ${name}`),
    notInYours: "not in yours",
    missing: "missing",
    inLine: (line) => `line ${line}`,
    graphOf: (name, n) => `The ${n} paths back to ${name}`,
    edgeParts: (name) =>
      `Numbers: what of ${name} comes back along each edge. Dashed: not in yours.`,
    windows: (n, place) => `${n} ${n === 1 ? "window has" : "windows have"} a part of ${place}`,
    inSeveral: "Underlined: entries in more than one window.",
    covers: (kept, n, name) => `Your gradient has ${kept} of the ${n} paths back to ${name}`,
    whyNot: "Why your input did not show it:",
    known: "How it is known:",
    knownBy: (through) => `without the path through ${through} the gradient has your numbers.`,
    cannotShow: (why) => `This check cannot be shown: ${why}`,
    keys: { line: "line before, next line", working: "numbers of the line", input: "input" },
  },
};
