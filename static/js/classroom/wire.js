/** Types of what rooms answer, see ../core/wire.js. Nothing loads this file. */

/** @typedef {import("../core/wire.js").Schemas} Schemas */
/** @typedef {Schemas["ShownAnswer"]} SharedAnswer */
/** @typedef {Schemas["SceneInRoom"]} Scene */
/** @typedef {Schemas["AnswerCounts"]} Counts */
/** @typedef {Schemas["QuestionInRoom"]["state"]} QuestionState */
/** @typedef {Schemas["QuestionInRoom"]} SharedQuestion */
/** @typedef {Schemas["RoomState"]} RoomState */
/** @typedef {Schemas["RoomMark"]} RoomMark */
/** @typedef {NonNullable<Schemas["StudentQuestion"]["shown"]>} Shown of those who have a token */
/** @typedef {Schemas["StudentQuestion"] & {shown: Shown}} StudentQuestion */
/** @typedef {Partial<Schemas["QuestionRequest"]>} QuestionRequest the rest has defaults */
/** @typedef {Schemas["TallyMistake"]} Mistake */
/** @typedef {Schemas["TallyQuestion"]} TallyQuestion */
/** @typedef {Schemas["TallyAnswer"]} Tally */
export {};
