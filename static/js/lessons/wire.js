/**
 * Types of what the server tells of lessons, see docs/wire.md. Only types: nothing loads this file.
 */

/** @typedef {import("../core/wire.js").Nested} Nested */
/** @typedef {import("../core/wire.js").Recipe} Recipe */

/**
 * @typedef {{kind: "text" | "strong", text: string} | {kind: "code" | "block", code: string} |
 *   {kind: "math", formula: import("../core/wire.js").Formula}} Piece of a paragraph
 */
/** @typedef {Piece[][]} Text paragraphs */

/**
 * @typedef {{name: string, title: string, group: string, group_title: string,
 *   exercise: string | null, summary: string, minutes: number, questions: number}} Summary
 */
/**
 * What the explorer shows beside a card; what is absent stays as it was.
 * @typedef {{recipe?: Recipe, step?: number, line?: string, sample?: number | "batch",
 *   entry?: number[], convention?: string, reduction?: string, jacobians?: boolean,
 *   fused?: boolean, figure?: string, reference?: Recipe,
 *   map?: import("../core/sweep.js").Sweep, hide?: string}} Scene
 */

/** @typedef {{prompt: Text, hints: number}} Asked what every question has; hints: how many */
/** @typedef {Asked & {kind: "choice", options: Text[]}} ChoiceQuestion */
/** @typedef {Asked & {kind: "code_line", code: string[]}} CodeLineQuestion */
/** @typedef {Asked & {kind: "shape"}} ShapeQuestion */
/**
 * @typedef {Asked & {kind: "signs", shape: number[], names: Text[]}} SignsQuestion
 *   names: of the entries, or empty
 */
/** @typedef {Asked & {kind: "values", shape: number[]}} ValuesQuestion */
/** @typedef {Asked & {kind: "line", shape: number[], line: string}} LineQuestion */
/**
 * @typedef {ChoiceQuestion | CodeLineQuestion | ShapeQuestion | SignsQuestion | ValuesQuestion |
 *   LineQuestion} Question
 */

/** @typedef {{name: string, title: string, text: Text, question: Question | null}} SheetCard */
/**
 * A line that the later card `card` asks: it hides all from `hide` on.
 * @typedef {{card: string, line: string, hide: string, bare: boolean}} AskedLater
 */
/** @typedef {SheetCard & {scene: Scene | null, later: AskedLater[]}} Card */
/**
 * @typedef {Summary & {seed: number | string,
 *   solutions: "after_try" | "always" | "never"}} Head
 */
/** @typedef {{name: string, title: string, asks: boolean}} CardHead */
/**
 * cards: the open ones, which come first; outline: all
 * @typedef {Head & {outline: CardHead[], cards: Card[]}} Lesson
 */
/** @typedef {Head & {cards: SheetCard[]}} Sheet */

/**
 * An answer of a reader: an option's position, numbers, or text that the server reads.
 * @typedef {Nested | string} Answer
 */
/**
 * @typedef {{right: boolean, message: Text, entries: Nested | null, misconception: string | null,
 *   close: boolean, after: Text | null, cards: Card[] | null}} Mark
 *   close: too few digits, which is no mistake; cards: those that the answer opens
 */
/** @typedef {{answer: Answer, message: Text, after: Text, cards: Card[]}} Solution */
/** @typedef {{hint: Text}} Hint */
/** @typedef {{refused: string}} Refusal why the server does not take what it was given */
export {};
