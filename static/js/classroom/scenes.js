/** What a room shows: which view of the explorer, and what of it is not to be seen yet. */
import { PHASES } from "../core/lines.js";
import { named } from "../core/names.js";
import { covers, hideFrom } from "../core/veil.js";
import { stateOf, viewAt } from "../lessons/scenes.js";
import { IN_ADDRESS, TABLE } from "../state/store.js";
import { toHash } from "../state/url.js";

const INITIAL = Object.fromEntries(IN_ADDRESS.map((name) => [name, TABLE[name].initial]));
// The lecturer's screen, not the students'.
const OWN = /^projector=/;

/** A view without what is of one screen alone. @param {string} view */
export const common = (view) =>
  view
    .split("&")
    .filter((part) => !OWN.test(part))
    .join("&");

/** The view of fields. @param {Fields} fields of the page's state */
export const viewOf = (fields) => toHash({ ...INITIAL, ...fields });

/**
 * The view of a scene that has no view: a script names what it shows.
 * @param {RoomScene} scene @param {RecipePart} recipe of its experiment
 */
export function viewOfScript({ step, line, sample, entry }, recipe) {
  const fields = Object.entries({ step, line, sample, entry });
  return viewOf({
    recipe,
    ...(sample === undefined ? {} : { numbers: "sample" }),
    ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
  });
}

/** The view of a scene with the numbers of one student, as a lesson's card has it. */
export function personalView(/** @type {NonNullable<StudentQuestion["scene"]>} */ scene) {
  const view = viewAt(
    [{ scene: /** @type {import("../lessons/scenes.js").WithScene["scene"]} */ (scene) }],
    0,
  );
  return viewOf({ ...stateOf(view), recipe: view.recipe, step: view.step });
}

/**
 * The parts to hide: those the lecturer hides, and answers of questions not yet revealed.
 * @param {RoomState | null} room @param {number} depth of the network @returns {Veil | null}
 */
export function veilOf(room, depth) {
  if (!room) return null;
  const { scene, question } = room;
  const hidden = scene?.hide ? { from: scene.hide, bare: scene.bare ?? false } : null;
  const line = question?.kind === "working" ? "z1" : question?.line;
  if (!question || !line || question.state === "revealed") return hidden;
  const asked = { from: line, bare: ["shape", "formula"].includes(question.kind) };
  if (!hidden || !covers(hidden, named(line), depth)) return asked;
  return hidden.from === line ? { from: line, bare: hidden.bare || asked.bare } : hidden;
}

/**
 * The line that is hidden first once `line` is shown: the next one.
 * @param {{id: string}[]} lines @param {string} line
 */
export const after = (lines, line) =>
  lines[lines.findIndex(({ id }) => id === line) + 1]?.id ?? null;

/**
 * The group that hides from a line.
 * @param {string | null | undefined} hide @param {{id: string, phase: string}[]} lines
 * @param {boolean} [bare]
 */
export function groupOf(hide, lines, bare = false) {
  if (!hide) return "nothing";
  if (bare) return "line";
  return PHASES.find((phase) => hideFrom(phase, lines, "") === hide) ?? "line";
}

/** One line before another in the working. @param {number} depth of the network */
export const inOrder = (depth) => (/** @type {string} */ a, /** @type {string} */ b) =>
  a === b ? 0 : covers({ from: a, bare: false }, named(b), depth) ? -1 : 1;
