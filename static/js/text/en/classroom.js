/** Texts of a live class: the student's page, the lecturer's bar, and the lecturer's view. */

/** @param {string | number} n @param {string} one @param {string} [more] */
const counted = (n, one, more = `${one}s`) =>
  `${Number(n).toLocaleString("en-US")} ${n === 1 ? one : more}`;

const duration = (/** @type {string | number} */ seconds) =>
  Number(seconds) < 90 ? `${seconds} s` : `${Math.round(Number(seconds) / 60)} min`;

/** @satisfies {Texts} */
const student = {
  title: (code) => `Class ${code}`,
  modes: {
    following: "You follow the lecturer.",
    held: "The lecturer has all eyes on one thing.",
    alone: "You explore on your own.",
  },
  leave: "Explore on your own",
  back: "Come back",
  program: "The program that the lecturer shows",
  personal: "This is your own network: your numbers differ from your neighbour's.",
  lost: "The connection is lost. Connecting again …",
  unsent: "Your answer is not sent yet. It is sent when the connection is back.",
  gone: "This class has ended.",
  missing: "There is no class with this code.",
  retype: "Type another code",
  quiet: "Nothing is asked at the moment.",
  offer: "Show mine to the lecturer",
  offered: "The lecturer can open your view. Press again to take it back.",
  question: (n) => `Question ${n}`,
  send: "Send",
  sendAgain: "Send again",
  sent: "Sent. Whether it is right is told when the lecturer reveals it.",
  words: "In your own words",
  timeLeft: (s) => `${duration(s)} left`,
  collected: "Sent. The lecturer sees all answers, collected by likeness.",
  late: "The answers are closed: this one came too late.",
  closed: "The answers are closed.",
  unanswered: "You have not answered.",
  solution: "The answer",
  class: (/** @type {Counts} */ { right, close, wrong }) =>
    `The class: ${right} right, ${close} close, ${wrong} wrong.`,
  unreadable: (why) => `This cannot be read: ${why}.`,
  marks: { right: "Right.", close: "Close.", wrong: "Not right." },
  paste: "The lines that you have, each with its name, as NumPy prints them",
  nothingNamed: "Write each line with its name, such as z1 = [0.1 0.2].",
};
/** @satisfies {Texts} */
const lecturer = {
  /** What students do not see. @type {Record<string, string>} */
  groups: {
    nothing: "all numbers",
    update: "no update",
    backward: "no gradients",
    cost: "no cost and no gradients",
    forward: "no numbers",
    line: "nothing from this line on",
  },
  hideHere: "Hide from this line on",
  showLine: "Show this line to the class",
  lineShown: (code) => `Shown to class ${code}`,
  showHere: "Show this line",
  hideHereTitle: "Students and projector see neither formula, shape nor numbers from this line on",
  whatFollows: "What students see",
  prepare: "Prepare",
  askAboutLine: "ask the class about this line",
  hideFromLine: "hide from this line on, or show it",
  show: "Show",
  shown: "Students follow this window, and may explore on their own",
  unshown: "Students keep what they have: nothing of this window is shown",
  hold: "Hold attention",
  holdTitle: "All students see what you show and cannot explore on their own",
  hide: "Students see",
  ask: "Ask …",
  view: "Lecturer's view",
  leave: "Stop showing here",
  here: (n) => `${n} here`,
  answered: (number, n, of) => `Question ${number}: ${n} of ${of} answered`,
  close: "Close answers",
  reveal: "Reveal",
  lost: "connecting again …",
  gone: "The room has ended.",
};

/** @satisfies {Texts} */
const ask = {
  /** The kinds of questions, as the lecturer chooses them. @type {Record<string, string>} */
  kinds: {
    sign: "Sign",
    shape: "Shape",
    number: "Number",
    array: "Array",
    formula: "Formula",
    working: "All lines",
    choice: "Choice",
    text: "Words",
    lesson: "Lesson",
  },
  wholeBatch: "the whole batch",
  title: "Ask the class",
  kind: "What is asked",
  about: (line, step, sample) =>
    `About ${line}, update ${step}, ${sample}, as the explorer shows it.`,
  working: (step, sample) =>
    `All lines of update ${step}, ${sample}. Students hand in what they have.`,
  entry: "Entry, counted from 0 (row, column)",
  all: "empty: all entries",
  personal: "Each student has other numbers",
  feedback: "Tell each student whether it is right",
  reveal: "when I reveal it",
  once: "at once",
  prompt: "The question ($…$ is LaTeX, `…` is code)",
  option: (k) => `Option ${k}`,
  right: (k) => `Option ${k} is right`,
  reason: (k) => `Why ${k} is right or wrong, told when you reveal it`,
  why: "why (told at Reveal)",
  lesson: "Lesson",
  card: "Card",
  seed: "Seed of its numbers",
  go: "Ask",
  needs: {
    entry: "Which entry? For example 2, 1.",
    prompt: "Write a question, two options, and mark the right one.",
    text: "Write a question.",
    card: "Choose a card that asks something.",
  },
};

/** @satisfies {Texts} */
const answerCard = {
  title: (n) => (Number(n) > 1 ? `A wrong answer that ${n} gave` : "A wrong answer"),
  inWords: (n) => (Number(n) > 1 ? `An answer that ${n} gave like this` : "An answer"),
  entry: (name, answer, right) => `${name}: this answer has ${answer}, the line gives ${right}.`,
};

/** @satisfies {Texts} */
const teach = {
  /** @type {Record<string, string>} */
  verdicts: { right: "right", close: "close", wrong: "wrong" },
  /** Heads of the columns of mistakes. @type {Record<string, string>} */
  phases: { forward: "forward", cost: "cost", backward: "backward ∂𝐶/∂ …", update: "update" },
  rooms: "Rooms of this browser",
  forget: "Forget",
  noKey: "This browser does not have the lecturer's key of this room.",
  joinInstead: "Join as a student",
  explore: "Show in the explorer",
  end: "End class",
  endNow: "End now",
  sure: "All that is kept of the class is deleted when it ends. Save it before; Teach opens it.",
  recordOf: (code, when) => `Class ${code}, ${when}`,
  joined: (n) => `${counted(n, "student")} joined`,
  recorded: (n, right, close, wrong) =>
    `${counted(n, "answer")}: ${right} right, ${close} close, ${wrong} wrong`,
  noRecord: "This file is no record of a class.",
  scan: "Scan the code, or type it",
  onYourScreen: "The question is on your own screen, with numbers of your own.",
  screenFromView: "Open this page from the lecturer's view of a class.",
  save: "Save as CSV",
  saveRecord: "Save as JSON",
  screen: "Screen for the hall",
  door: "Close the door",
  removeSilent: "Remove silent students",
  removed: (n) => `${counted(n, "student")} removed`,
  again: "Ask again",
  timer: "Time to answer",
  noTimer: "no time limit",
  timeOf: (s) => duration(s),
  bars: "Bars on the screen",
  secondRound: (n, first) => `Question ${n}, once more after question ${first}`,
  chose: (n, question) => `${n} in question ${question}`,
  unlike: "others, like none of these",
  showWords: "Show to all",
  wrongOption: (k) => `Option ${k}`,
  studentNames: (names) => `with the student's own names: ${names}`,
  onShow: "On show",
  nothing: "Nothing is shown yet. Open the explorer and go to a line: students follow.",
  gone: "This room has ended.",
  programShown: (name) => `program ${name}`,
  place: (line, step, data) => [line, `update ${step}`, data].filter(Boolean).join(", "),
  personal: (what) => `${what}, with numbers of one's own for each student`,
  reopen: "Open again",
  noQuestion: "Nothing is asked yet",
  howToAsk: "Press Ask in the explorer, at any line.",
  answered: (n, of) => `${n} of ${of} answered`,
  last: (s) => `last one ${duration(s)} ago`,
  working: "still working",
  close: "close: too few digits, or at least half of it right",
  mistakesTitle: "Where it goes wrong",
  mistakesLead(wrong, of, undiagnosed) {
    const rest = undiagnosed ? `; ${counted(undiagnosed, "more is", "more are")} looked at` : "";
    const by = "by the mistake that explains the numbers";
    if (wrong || undiagnosed) return `${wrong} of ${counted(of, "answer")}, ${by}${rest}`;
    return of
      ? `${counted(of, "answer")}, none of them wrong so far`
      : "Mistakes appear here as answers come in.";
  },
  mistakesQuestion: "This question",
  mistakesLecture: "Whole lecture",
  unnamed: "not recognised",
  atLine: "went wrong at this line",
  cell: (title, line, n) => `${title} at ${line}: ${counted(n, "answer")}`,
  first: (n, of, line) => `Say this first: ${n} of ${of}${line ? `, at ${line}` : ""}`,
  showAnswer: "Show a typical answer to all",
  revealAndShow: "Reveal, and show a typical answer",
  example: "For example",
  places: "Where they are",
  placesLead: (here) => (here ? `${counted(here, "student")} here` : "No student has joined yet"),
  hereOf: (here, joined) => `${here} here, ${joined} joined`,
  longest: (s) => `longest ${duration(s)}`,
  stuck: (s) => `The longest at one place without an answer: ${duration(s)}.`,
  elsewhere: "elsewhere",
  card: (/** @type {string} */ name) => `card ${name.replace(/-/g, " ")}`,
  offers: "Offered by students",
  openOffer: "Show to the class",
  ago: (s) => `${duration(s)} ago`,
};

export const classroom = { answerCard, ask, lecturer, student, teach };
