/**
 * Types of what rooms answer, see docs/wire.md. Only types: nothing loads this file.
 *
 * `any` is used for a question as a lesson's card has it, for answers, whose type the question
 * decides, and for recipes that the server completes.
 */

/** @typedef {import("../lessons/wire.js").Text} Text */
/**
 * @typedef {{answer: any, question: number, line?: string, misconception?: string, seed?: string}}
 *   SharedAnswer
 */
/**
 * @typedef {{view?: string, experiment?: string, step?: number, sample?: number | "batch",
 *   line?: string, entry?: number[], hide?: string, answer?: SharedAnswer, note?: string}} Scene
 */
/** @typedef {{right: number, close: number, wrong: number}} Counts */
/** @typedef {"open" | "closed" | "revealed"} QuestionState */
/** @typedef {{answer: any, message: Text, after: Text}} Solution */
/**
 * @typedef {{number: number, state: QuestionState, kind: string, line: string | null,
 *   own_numbers: boolean, feedback: "reveal" | "at_once", shown: any, solution: Solution | null,
 *   counts: Counts | null}} SharedQuestion
 */
/**
 * @typedef {{version: number, scene: Scene | null, hold: boolean, questions: number,
 *   question: SharedQuestion | null}} RoomState
 */
/**
 * @typedef {{verdict: "right" | "close" | "wrong", right: boolean, message: Text, entries: any,
 *   misconception: string | null}} RoomMark
 */
/**
 * @typedef {{number: number, state: QuestionState, kind: string, line: string | null,
 *   own_numbers: boolean, feedback: "reveal" | "at_once", shown: any, card: string | null,
 *   text: Text, scene: any,
 *   attempt: number | null, answer: any, mark: RoomMark | null, solution: Solution | null}}
 *   StudentQuestion
 */
/**
 * @typedef {{misconception: string | null, title: string | null, line: string | null,
 *   count: number, example: {answer: any, seed: string | null} | null}} Mistake
 */
/**
 * @typedef {Counts & {number: number, state: QuestionState, kind: string, line: string | null,
 *   own_numbers: boolean, answered: number, last_seconds: number | null,
 *   undiagnosed: number, mistakes: Mistake[],
 *   answers: {answer: any, verdict: string, count: number}[]}} TallyQuestion
 */
/**
 * @typedef {{line: string | null, card: string | null, count: number, longest_seconds: number}}
 *   TallyPlace
 */
/**
 * @typedef {{students: number, here: number, stuck_seconds: number | null, places: TallyPlace[],
 *   offers: {view: string, seconds: number}[], question: TallyQuestion | null}} Tally
 */
export {};
