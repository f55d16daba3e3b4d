/** Types of what the server tells of lessons, see ../core/wire.js. Nothing loads this file. */

/** @typedef {import("../core/wire.js").Schemas} Schemas */
/** @typedef {import("../core/wire.js").Nested} Nested */
/** @typedef {import("../core/wire.js").Recipe} Recipe */
/** @typedef {Schemas["ProsePiece"] | Schemas["CodePiece"] | Schemas["MathPiece"]} Piece */
/** @typedef {Piece[][]} Text paragraphs */
/** @typedef {Schemas["LessonSummary"]} Summary */
/**
 * @typedef {Schemas["LessonScene"] & {recipe?: Recipe, reference?: Recipe,
 *   sample?: number | "batch", map?: import("../core/sweep.js").Sweep}} Scene
 */
/** @typedef {Schemas["ChoiceQuestion"]} ChoiceQuestion */
/** @typedef {Schemas["CodeLineQuestion"]} CodeLineQuestion */
/** @typedef {Schemas["ShapeQuestion"]} ShapeQuestion */
/** @typedef {Schemas["SignsQuestion"]} SignsQuestion */
/** @typedef {Schemas["FunctionQuestion"]} FunctionQuestion */
/** @typedef {Schemas["ValuesQuestion"]} ValuesQuestion */
/** @typedef {Schemas["LineQuestion"]} LineQuestion */
/** @typedef {NonNullable<Card["question"]>} Question */
/** @typedef {Schemas["AskedLater"]} AskedLater */
/** @typedef {Omit<Schemas["LessonCard"], "scene"> & {scene: Scene | null}} Card */
/** @typedef {Omit<Schemas["LessonAnswer"], "cards"> & {cards: Card[]}} Lesson */
/** @typedef {Schemas["LessonSheet"]} Sheet */
/**
 * An answer of a reader: an option's position, numbers, or text that the server reads.
 * @typedef {Nested | string} Answer
 */
/** @typedef {Omit<Schemas["AnswerMark"], "cards"> & {cards: Card[] | null}} Mark */
/** @typedef {Omit<Schemas["SolutionAnswer"], "cards"> & {cards: Card[]}} Solution */
/** @typedef {Schemas["HintAnswer"]} Hint */
/** @typedef {{refused: string}} Refusal why the server does not take what it was given */
export {};
