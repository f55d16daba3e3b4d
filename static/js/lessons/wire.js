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

/** @typedef {{kind: "choice", prompt: Text, hint: Text, options: Text[]}} ChoiceQuestion */
/** @typedef {{kind: "code_line", prompt: Text, hint: Text, code: string[]}} CodeLineQuestion */
/** @typedef {{kind: "shape", prompt: Text, hint: Text}} ShapeQuestion */
/**
 * @typedef {{kind: "signs", prompt: Text, hint: Text, shape: number[], names: Text[]}}
 *   SignsQuestion names: of the entries, or empty
 */
/** @typedef {{kind: "values", prompt: Text, hint: Text, shape: number[]}} ValuesQuestion */
/**
 * @typedef {{kind: "line", prompt: Text, hint: Text, shape: number[], line: string}} LineQuestion
 */
/**
 * @typedef {ChoiceQuestion | CodeLineQuestion | ShapeQuestion | SignsQuestion | ValuesQuestion |
 *   LineQuestion} Question
 */

/**
 * @typedef {{name: string, title: string, text: Text, scene: Scene | null,
 *   question: Question | null}} Card
 */
/**
 * @typedef {Summary & {seed: number | string, solutions: "after_try" | "always" | "never",
 *   cards: Card[]}} Lesson
 */

/**
 * An answer of a reader: an option's position, numbers, or text that the server reads.
 * @typedef {Nested | string} Answer
 */
/**
 * @typedef {{right: boolean, message: Text, entries: Nested | null, misconception: string | null,
 *   after: Text | null}} Mark
 */
/** @typedef {{answer: Answer, message: Text, after: Text}} Solution */
/** @typedef {{refused: string}} Refusal why the server does not take what it was given */
export {};
