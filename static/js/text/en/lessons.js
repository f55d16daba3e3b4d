/** Texts of the lessons. */

/** Texts of the list of lessons. */
export const lessonList = {
  /** @param {number} minutes @param {string} exercise its number, "" if it has none */
  about: (minutes, exercise) => `${minutes} min${exercise ? ` · exercise ${exercise}` : ""}`,
  /** @param {number} n */
  count: (n) => (n === 1 ? "1 lesson" : `${n} lessons`),
  /** @param {number} n */
  faults: (n) => `${n} programs with one mistake each: which line is it?`,
  /** @param {string} titles */
  buildsOn: (titles) => `after: ${titles}`,
  goOn: "Continue",
  /** @param {number} n @param {number} all */
  answered: (n, all) => `You answered ${n} of ${all} questions.`,
  /** @param {number} n */
  left: (n) => `about ${n} min left`,
  done: "done",
  /** @param {number} n @param {number} all */
  doneOf: (n, all) => `${n} of ${all}`,
  /** @param {number} n */
  andShown: (n) => `, ${n} shown`,
  /** @param {string} link */
  linkCopied: (link) => `${link} is copied: everyone who opens it has these numbers.`,
  /** @param {string} link */
  theLinkIs: (link) => `The link is ${link}`,
  /** @param {string} link */
  classLinkCopied: (link) => `${link} is copied: each student who opens it has other numbers.`,
  needsClass: "Type the name of the class first, for example the course and the week.",
  needsBoth: "Type the class and the student's text.",
  /** @param {string} seed */
  seedOfStudent: (seed) => `These are the numbers of seed ${seed}.`,
  downloaded: "Your progress is downloaded as backprop-lessons.json.",
  noProgress: "This file holds no progress in these lessons.",
  /** @param {number} n lessons */
  progressAdded: (n) =>
    n === 1
      ? "Progress in 1 lesson is added to yours."
      : `Progress in ${n} lessons is added to yours.`,
  forgotten: "Your progress is forgotten.",
  /** @param {string} problem */
  loadAgain: (problem) => `${problem} Load the page again when it is back.`,
};

/** Texts of a lesson beside the explorer. */
export const lesson = {
  negative: "negative",
  zero: "zero",
  positive: "positive",
  /** @param {string} problem */
  cannotBeShown: (problem) => `This lesson cannot be shown: ${problem}`,
  /** @param {string} name */
  signOf: (name) => `sign of ${name}`,
  chooseEverySign: "Choose a sign for every entry.",
  shape: "shape",
  numbersOfLesson: "Numbers of this lesson",
  checkMyFunction: "Check my function in a notebook",
  checkCalls: "The check calls ",
  andExpects: " and expects ",
  end: ".",
  codeThatItPrints: "code that it prints",
  typeCode: "Run the cell in your notebook and type the code that it prints.",
  typeShape: "Type a shape, such as (3, 2), or (3,) for a vector.",
  chooseOption: "Choose one.",
  /** @param {number} n @param {string} code */
  codeLine: (n, code) => `line ${n}: ${code}`,
  lineBefore: "line ",
  chooseLine: "Choose a line.",
  /** @param {string} what */
  arrayAsPrinted: (what) => `The array as NumPy prints it, ${what}`,
  /** @param {string} shape */
  shapeIs: (shape) => `shape (${shape})`,
  oneNumber: "one number",
  pasteFromNumPy: "paste from NumPy",
  numberFilledIn: "The number is filled in.",
  /** @param {number} n */
  numbersFilledIn: (n) => `${n} numbers are filled in.`,
  pasteArray: "Paste the array.",
  /** @param {string} entry */
  notANumber: (entry) => `${entry}: this is not a number.`,
  fillEvery: "Fill in every number.",
  /** @param {string} entry @param {string} mark */
  cellMark: (entry, mark) => `${entry}, ${mark}`,
  theNumber: "the number",
  /** @param {string} index */
  entry: (index) => `entry [${index}]`,
  answeredAlone: "answered alone",
  answeredWithHint: "answered with a hint",
  answerShown: "answer shown",
  notAnswered: "not answered yet",
  allAnswered: "All questions of this lesson are answered.",
  someOpen: "Some questions are still open.",
  /** @param {string} title */
  nextLesson: (title) => `Next: ${title}`,
  allLessons: "All lessons",
  mistakesMade: "Mistakes on the way, and the cards to practise them again:",
  /** @param {string} mistake */
  mistakeOn: (mistake) => `${mistake}, on `,
  buildOnThis: "These lessons build on this one:",
  otherNumbers: "This lesson with other numbers",
  copy: "copy",
  copied: "copied",
  notAllowed: "not allowed here",
  check: "Check",
  hint: "Hint",
  secondHint: "Another hint",
  counting:
    "Entries and units count from 0, in formulas and in the network as in NumPy. Layers count " +
    "from 1.",
  goOn: "Go on",
  /** @param {string} problem */
  cannotBeRead: (problem) => `This cannot be read: ${problem}.`,
  /** @param {string} mistake */
  notYetLikely: (mistake) => `Not yet. Likely: ${mistake}.`,
  notYet: "Not yet.",
  right: "Right.",
  showAnswer: "Show the answer",
  tryFirst: "Try an answer first. Then the right one can be shown.",
  /** @param {string} problem */
  notShown: (problem) => `The answer is not shown: ${problem}.`,
  theAnswer: "The answer",
  cardKeys: "card before, card after",
  /** @param {number} most */
  seedNeeded: (most) => `a number or text of 1 to ${most} characters is needed.`,
  /** @param {string} needed */
  seedProblem: (needed) => `The seed in the address cannot be used: ${needed}`,
  theEnd: "the end",
  /** @param {string} which */
  turnName: (which) => `${which} card`,
  /** @param {string} which @param {string} key */
  turn: (which, key) => `${which} card (${key})`,
  previous: "Previous",
  next: "Next",
  backToScene: "Back to the lesson's scene",
  toWorking: "The working ↓",
  sheet: "Sheet",
  sheetTitle: "To print, with room to write",
  training: "Training",
  trainingTitle: "Show or hide the buttons and figures of training",
  /** @param {string} name */
  exercise: (name) => ` · exercise ${name}`,
  /** @param {string} seed */
  seed: (seed) => ` · seed ${seed}`,
  cards: "Cards",
  notKept: "This browser keeps nothing for the page: your progress lasts until you leave it.",
  /** @param {string} problem @param {string} seed */
  seedInstead: (problem, seed) => `${problem} These are the numbers of seed ${seed}.`,
  toQuestion: "↑ The question",
  endOfLesson: "The end of the lesson",
  /** @param {number} n @param {number} all */
  cardOf: (n, all) => `card ${n} of ${all}`,
  whatYouHaveDone: "What you have done",
  /** @param {number} n */
  tries: (n) => (n === 1 ? "1 try" : `${n} tries`),
  /** @param {number} n @param {string} title @param {string} result */
  cardName: (n, title, result) => `Card ${n}, ${title}${result ? `, ${result}` : ""}`,
  /** @param {string} card */
  locked: (card) => `${card}: opens after the questions before it`,
  entryRight: "right",
  entryWrong: "wrong",

  // a formula in words; $1 and $2 are its parts
  over: " $1 over $2 ",
  ofLayer: " of layer $1 ",
  toThe: " to the $1 ",
  power: " to the ",
  minus: " minus ",
  transposed: " transposed ",
  /** Words of LaTeX commands. @type {Record<string, string>} */
  formulaWords: {
    cdot: "times",
    odot: "times, entry by entry,",
    partial: "d",
    top: "transposed",
    sum: "sum",
    to: "to",
    leq: "at most",
    geq: "at least",
    neq: "not equal to",
    approx: "about",
    pm: "plus or minus",
    leftarrow: "becomes",
    mathrm: "",
    text: "",
    left: "",
    right: "",
    quad: "",
    mathbf: "",
    operatorname: "",
    boldsymbol: "",
  },
};

/** Texts of a lesson as a sheet to print. */
export const sheet = {
  name: "Name:",
  shape: "( ________________ )",
  /** @param {number} n */
  line: (n) => `line ${n}: `,
  /** @param {string} title @param {string} seed */
  answersOf: (title, seed) => `${title}: answers, seed ${seed}`,
  answersBelow: "The answers are below, and are printed on pages of their own.",
  /** @param {string} problem */
  refused: (problem) => `There are no answers here: ${problem}. A server of your own has them.`,
};
