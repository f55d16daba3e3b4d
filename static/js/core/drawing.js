/**
 * Points that are drawn into a plane, with undo. A point has a place, a class and a value; the kind
 * of the drawing says which of them count, so that switching the kind loses nothing.
 */
import { TEXT } from "../text/en.js";
import { createUndoStack } from "./undo-stack.js";

/**
 * @typedef {"classes" | "values" | "curve"} Kind curve: one feature, the height is what is to be
 *   learned
 */
/** @typedef {{x: number, y: number, k: number, v: number}} Point */
/** @typedef {{kind: Kind, classes: string[], points: Point[]}} Drawing */

export const MOST_CLASSES = 9; // as many as there are digits to choose them by
const MOST_STEPS = 500; // to go back

/** @type {Drawing} */
export const EMPTY = { kind: "classes", classes: ["A", "B"], points: [] };

/** The next letter that is not a class yet. @param {string[]} classes */
export const nextName = (classes) =>
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((name) => !classes.includes(name)) ??
  `class ${classes.length + 1}`;

/** @param {Drawing} [first] */
export function createDrawing(first = EMPTY) {
  let now = first;
  /** @type {import("./undo-stack.js").UndoStack<Drawing>} */
  const stack = createUndoStack(MOST_STEPS);

  function change(/** @type {Drawing} */ next) {
    stack.remember(now);
    now = next;
  }
  /** @param {Drawing | null} next @returns {boolean} whether there was one */
  function go(next) {
    now = next ?? now;
    return next !== null;
  }

  return {
    get now() {
      return now;
    },
    get undoable() {
      return stack.undoable;
    },
    get redoable() {
      return stack.redoable;
    },
    /** @param {Point[]} points one step to undo, however many */
    put: (points) => change({ ...now, points: [...now.points, ...points] }),
    /** @param {number} i */
    remove: (i) => change({ ...now, points: now.points.filter((_, k) => k !== i) }),
    /**
     * @param {number} i @param {number} x @param {number} y
     * @param {boolean} [first] whether a new move begins: one undo takes all of it back
     */
    move(i, x, y, first = true) {
      const points = now.points.with(i, { ...now.points[i], x, y });
      if (first) change({ ...now, points });
      else now = { ...now, points };
    },
    clear: () => now.points.length > 0 && change({ ...now, points: [] }),
    kind: (/** @type {Kind} */ kind) => kind !== now.kind && change({ ...now, kind }),
    addClass: () =>
      now.classes.length < MOST_CLASSES &&
      change({ ...now, classes: [...now.classes, nextName(now.classes)] }),
    /** @param {number} k @param {string} name */
    rename: (k, name) => change({ ...now, classes: now.classes.with(k, name) }),
    replace: (/** @type {Drawing} */ drawing) => change(drawing),
    undo: () => go(stack.undo(now)),
    redo: () => go(stack.redo(now)),
  };
}

/**
 * Places around one, as a normal distribution has them.
 * @param {number} count @param {[number, number]} deviation in x and y
 * @returns {[number, number][]}
 */
export function scattered(count, [dx, dy]) {
  return Array.from({ length: count }, () => {
    const [radius, angle] = [
      Math.sqrt(-2 * Math.log(1 - Math.random())),
      2 * Math.PI * Math.random(),
    ];
    return [dx * radius * Math.cos(angle), dy * radius * Math.sin(angle)];
  });
}

/**
 * The nearest point within reach.
 * @param {Point[]} points @param {number} x @param {number} y
 * @param {[number, number]} reach in x and y
 * @returns {number} -1 if there is none
 */
export function nearest(points, x, y, reach) {
  let [best, closest] = [1, -1];
  points.forEach((point, i) => {
    const distance = Math.hypot((point.x - x) / reach[0], (point.y - y) / reach[1]);
    if (distance <= best) [best, closest] = [distance, i];
  });
  return closest;
}

/** Why these points cannot be learned yet, or null. @param {Drawing} drawing */
export function lack({ kind, classes, points }) {
  const names = classes.map((name) => name.trim());
  if (kind === "classes" && new Set(names).size < names.length) return TEXT.core.sameName;
  if (kind === "classes" && names.some((name) => !name)) return TEXT.core.noName;
  if (kind === "classes" && new Set(points.map(({ k }) => k)).size < 2) return TEXT.core.twoClasses;
  return points.length < 2 ? TEXT.core.twoPoints : null;
}

/**
 * As the data set of a recipe; classes without a point are left out.
 * @param {Drawing} drawing @param {string[]} [features] names of the axes, where they have any
 */
export function asDataset({ kind, classes, points }, features) {
  if (kind === "curve")
    return {
      name: "points",
      x: points.map(({ x }) => [x]),
      target: points.map(({ y }) => y),
      classes: [],
      features: features?.slice(0, 1) ?? [],
    };
  const x = points.map((point) => [point.x, point.y]);
  const named = features?.length === 2 ? features : [];
  if (kind === "values")
    return { name: "points", x, target: points.map(({ v }) => v), classes: [], features: named };
  const used = classes.map((_, k) => k).filter((k) => points.some((point) => point.k === k));
  return {
    name: "points",
    x,
    target: points.map(({ k }) => used.indexOf(k)),
    classes: used.map((k) => classes[k].trim()),
    features: named,
  };
}

const MOST_POINTS = 1000;
/** Five digits, so that links stay short. @param {number} value */
const rounded = (value) => Number(value.toPrecision(5));

/**
 * Points of a recipe as a drawing, number by number, or null if they do not fit into a plane.
 * @param {DatasetRecipe} dataset `points`
 * @param {string[]} features what the server calls the columns
 * @returns {{drawing: Drawing, features: string[]} | null}
 */
export function fromPoints({ x, target, classes }, features) {
  const width = x[0].length;
  const curve = width === 1 && !classes.length;
  if ((width !== 2 && !curve) || classes.length > MOST_CLASSES || Array.isArray(target[0]))
    return null;
  const kind = curve ? "curve" : classes.length ? "classes" : "values";
  const points = x.map((/** @type {number[]} */ row, /** @type {number} */ n) => ({
    x: row[0],
    y: curve ? target[n] : row[1],
    k: kind === "classes" ? target[n] : 0,
    v: kind === "values" ? target[n] : 0,
  }));
  return {
    drawing: { kind, classes: kind === "classes" ? classes : EMPTY.classes, points },
    features,
  };
}

/**
 * The data of the present experiment as a drawing, in units of its axes; null if they do not fit
 * into a plane.
 * @param {Data} data as the server answers it
 * @returns {{drawing: Drawing, features: string[]} | null}
 */
export function fromData(data) {
  const { task, features, classes, train, test } = data;
  const curve = features.length === 1 && task === "regression";
  if (
    (features.length !== 2 && !curve) ||
    classes.length > MOST_CLASSES ||
    train.targets ||
    train.x.length + test.x.length > MOST_POINTS
  )
    return null;
  /** @param {number[]} row @param {number} i */
  const original = (row, i) =>
    rounded(row[i] * (data.feature_scale?.[i] ?? 1) + (data.feature_mean?.[i] ?? 0));
  const height = (/** @type {number} */ target) =>
    rounded(target * Number(data.target_scale ?? 1) + Number(data.target_mean ?? 0));
  const rows = [train, test].flatMap((part) =>
    part.x.map((row, n) => ({ row, target: part.target[n], at: part.rows?.[n] ?? n })),
  );
  rows.sort((p, q) => p.at - q.at);
  const points = rows.map(({ row, target }) =>
    curve
      ? { x: original(row, 0), y: height(target), k: 0, v: 0 }
      : {
          x: original(row, 0),
          y: original(row, 1),
          k: task === "regression" ? 0 : target,
          v: task === "regression" ? height(target) : 0,
        },
  );
  const kind = curve ? "curve" : task === "regression" ? "values" : "classes";
  return {
    drawing: { kind, classes: kind === "classes" ? classes.map(String) : EMPTY.classes, points },
    features,
  };
}

/** What the plane shows of points: all of them and a margin; −1 to 1 without any. */
export function boundsOf(/** @type {Point[]} */ points) {
  const along = (/** @type {number[]} */ values) => {
    if (!values.length) return [-1, 1];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = 0.12 * (high - low) || Math.max(1, Math.abs(high)) * 0.5;
    return [low - margin, high + margin];
  };
  return { x: along(points.map(({ x }) => x)), y: along(points.map(({ y }) => y)) };
}
