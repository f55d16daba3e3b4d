/**
 * A plane to draw points into: a press on the empty plane puts one (and places it while held), a
 * press on a point takes it away, or moves it when dragged. The same by keys, with a cross-hair.
 */

import { nearest } from "../core/drawing.js";
import { minus } from "../core/format.js";
import { mix } from "../figures/colour.js";
import { crossHair, into } from "../figures/plane.js";
import { ticks } from "../figures/scales.js";
import { words } from "../figures/shapes.js";
import { TEXT } from "../text/en.js";
import { h, s, set } from "../ui/dom.js";
import { palette } from "../ui/theme.js";
import { createShapes } from "./drawn-shapes.js";

const SIDE = 600; // units of the picture
const EDGE = 40; // for the numbers of the axes
const INNER = SIDE - 2 * EDGE;
const BOX = { x: EDGE, y: EDGE, w: INNER, h: INNER };
const RADIUS = 8;
const REACH = 13; // from a press to the point it means
const STILL = 4; // a press that moves less is no drag

/** @typedef {[number, number]} Pair of x and y */
/**
 * `cloud`: offsets of the points of a cloud from its middle, null where one point is put. `key`
 * handles keys that are not about a place, and answers whether it was one.
 * @typedef {{drawing: () => import("../core/drawing.js").Drawing,
 *   bounds: () => {x: number[], y: number[]}, put: (places: Pair[]) => void,
 *   remove: (i: number) => void, move: (i: number, x: number, y: number, first: boolean) => void,
 *   cloud: () => Pair[] | null, key: (event: KeyboardEvent) => boolean,
 *   tell: (text: string) => void, name: (i: number) => string}} Actions
 */

/** @type {Record<string, Pair>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function createPlane(/** @type {Actions} */ actions) {
  const picture = s("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" });
  const [setAxes, setPoints, setHair] = ["axes", "points", "hair"].map((name) =>
    createShapes(picture, `plane-${name}`),
  );
  const element = h(
    "div.plane",
    {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "plane",
      "aria-label": TEXT.drawing.plane,
      "aria-describedby": "plane-keys",
      "data-figure": "plane",
    },
    picture,
  );
  let cross = { x: 0, y: 0 };
  let carried = -1; // point that moves with the cross-hair
  let hovered = -1;

  /** @param {number[]} range */
  const span = ([low, high]) => high - low;
  /** @param {number} x @param {number} y */
  const inPicture = (x, y) => into(BOX, [actions.bounds().x, actions.bounds().y])(x, y);
  /**
   * A number with as many decimals as the plane can show, within its bounds.
   * @param {number} value @param {number[]} range
   */
  const rounded = (value, range) => {
    const decimals = Math.max(0, 3 - Math.floor(Math.log10(span(range))));
    return Number(Math.max(range[0], Math.min(range[1], value)).toFixed(Math.min(decimals, 20)));
  };
  /** @param {number} x @param {number} y @returns {Pair} */
  const placed = (x, y) => [rounded(x, actions.bounds().x), rounded(y, actions.bounds().y)];
  /** @returns {Pair} */
  const reach = () => [
    (REACH / INNER) * span(actions.bounds().x),
    (REACH / INNER) * span(actions.bounds().y),
  ];
  /** The point at a place, or −1. @param {number} x @param {number} y */
  const at = (x, y) => nearest(actions.drawing().points, x, y, reach());
  /** @param {number} x @param {number} y */
  const where = (x, y) => minus(`${x}, ${y}`);

  function fromPointer(/** @type {PointerEvent} */ event) {
    const seen = picture.getBoundingClientRect();
    const { x, y } = actions.bounds();
    const [u, v] = [
      ((event.clientX - seen.left) / seen.width) * SIDE,
      ((event.clientY - seen.top) / seen.height) * SIDE,
    ];
    return [x[0] + ((u - EDGE) / INNER) * span(x), y[0] + ((SIDE - EDGE - v) / INNER) * span(y)];
  }

  /** @type {{i: number, x: number, y: number, fresh: boolean, moved: boolean} | null} */
  let press = null;
  element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    const [x, y] = fromPointer(event);
    let i = at(x, y);
    const fresh = i < 0;
    carried = -1;
    if (fresh && put(x, y) > 1) return; // a cloud is not held
    if (fresh) i = actions.drawing().points.length - 1;
    press = { i, x: event.clientX, y: event.clientY, fresh, moved: false };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const [x, y] = fromPointer(event);
    if (!press) {
      const now = at(x, y);
      if (now !== hovered) {
        hovered = now;
        drawPoints();
      }
      return;
    }
    if (!press.moved && Math.hypot(event.clientX - press.x, event.clientY - press.y) < STILL)
      return;
    // the putting and the placing of a new point are one step to undo
    actions.move(press.i, ...placed(x, y), !press.moved && !press.fresh);
    press.moved = true;
  });
  const release = () => {
    if (!press) return;
    const { i, fresh, moved } = press;
    press = null;
    if (!fresh && !moved) remove(i);
    else if (moved) tellPoint(i, fresh ? TEXT.drawing.putAt : TEXT.drawing.movedTo);
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", () => (press = null));
  element.addEventListener("pointerleave", () => {
    if (hovered < 0) return;
    hovered = -1;
    drawPoints();
  });

  function remove(/** @type {number} */ i) {
    carried = hovered = -1;
    const name = actions.name(i);
    actions.remove(i);
    actions.tell(TEXT.drawing.removedLeft(name, actions.drawing().points.length));
  }
  /** @param {number} i @param {string} what has happened */
  const tellPoint = (i, what) => {
    const { x, y } = actions.drawing().points[i];
    actions.tell(`${actions.name(i)} ${what} ${where(x, y)}`);
  };

  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Tab" || event.key === "Escape") return;
    const arrow = ARROWS[event.key];
    const { points } = actions.drawing();
    if (actions.key(event)) carried = -1;
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (arrow) step(arrow, event.shiftKey ? 200 : 40);
    else if (event.key === "Enter" || event.key === " ") enter();
    else if (event.key === "Delete" || event.key === "Backspace") {
      const i = at(cross.x, cross.y);
      if (i >= 0) remove(i);
      else actions.tell(TEXT.drawing.noPoint);
    } else if (event.key === "m") carry();
    else if ((event.key === "[" || event.key === "]") && points.length) {
      const i =
        (at(cross.x, cross.y) + (event.key === "]" ? 1 : -1) + points.length) % points.length;
      cross = { x: points[i].x, y: points[i].y };
      tellPoint(i, "at");
    } else return;
    event.preventDefault();
    drawHair();
  });

  /** @param {Pair} direction @param {number} parts of the plane's side */
  function step([right, up], parts) {
    const { x, y } = actions.bounds();
    [cross.x, cross.y] = placed(
      cross.x + (right * span(x)) / parts,
      cross.y + (up * span(y)) / parts,
    );
    if (carried >= 0) actions.move(carried, cross.x, cross.y, false);
    const i = carried >= 0 ? -1 : at(cross.x, cross.y);
    actions.tell(
      i >= 0
        ? TEXT.drawing.onPoint(where(cross.x, cross.y), actions.name(i))
        : where(cross.x, cross.y),
    );
  }

  function enter() {
    if (carried >= 0) return carry();
    if (put(cross.x, cross.y) === 1)
      tellPoint(actions.drawing().points.length - 1, TEXT.drawing.putAt);
  }

  /**
   * One point, or a cloud around the place.
   * @param {number} x @param {number} y
   * @returns {number} how many
   */
  function put(x, y) {
    const places = (actions.cloud() ?? [[0, 0]]).map(([dx, dy]) => placed(x + dx, y + dy));
    actions.put(places);
    if (places.length > 1)
      actions.tell(
        TEXT.drawing.putAround(
          places.length,
          actions.name(actions.drawing().points.length - 1),
          where(...placed(x, y)),
        ),
      );
    return places.length;
  }

  /** Take the point under the cross-hair along, or leave it here. */
  function carry() {
    if (carried >= 0) {
      const i = carried;
      carried = -1;
      return tellPoint(i, TEXT.drawing.leftAt);
    }
    const i = at(cross.x, cross.y);
    if (i < 0) return actions.tell(TEXT.drawing.noPoint);
    carried = i;
    actions.move(i, cross.x, cross.y, true);
    actions.tell(TEXT.drawing.takenAlong(actions.name(i)));
  }

  element.addEventListener("focus", drawHair);
  element.addEventListener("blur", () => setHair([]));

  function drawHair() {
    const [x, y] = inPicture(cross.x, cross.y);
    setHair(element.matches(":focus-visible") ? crossHair({ x, y }, BOX, 1.2) : []);
  }

  /** The axes with their names. @param {string[]} names */
  function drawAxes(names) {
    const end = SIDE - EDGE;
    const bounds = actions.bounds();
    const [across, up] = names.map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name));
    /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
    const rule = (x1, y1, x2, y2) => /** @type {Shape} */ ({ kind: "line", x1, y1, x2, y2 });
    setAxes([
      { kind: "rect", ...BOX },
      ...ticks(bounds.x).flatMap((value) => {
        const [x] = inPicture(value, 0);
        return [rule(x, EDGE, x, end), words(minus(String(value)), x, end + 18)];
      }),
      ...ticks(bounds.y).flatMap((value) => {
        const [, y] = inPicture(0, value);
        return [rule(EDGE, y, end, y), words(minus(String(value)), EDGE - 6, y, "up")];
      }),
      words(across, SIDE / 2, SIDE - 4),
      { ...words(up, 12, SIDE / 2), data: { transform: `rotate(-90 12 ${SIDE / 2})` } },
    ]);
  }

  function drawPoints() {
    const { kind, points } = actions.drawing();
    const colours = palette();
    const most = Math.max(...points.map(({ v }) => Math.abs(v)), 1e-9);
    setPoints(
      points.map((point, i) => {
        const [x, y] = inPicture(point.x, point.y);
        const extreme = point.v < 0 ? colours.negativeStrong : colours.positiveStrong;
        const fill = {
          classes: colours.classes[point.k],
          curve: colours.phases.forward,
          values: mix(colours.zero, extreme, Math.abs(point.v) / most),
        }[kind];
        const classed = kind === "classes";
        return {
          ...{ kind: "point", x, y, r: RADIUS, symbol: classed ? point.k : 0, fill },
          style: `point ${classed ? "" : "valued"} ${i === hovered ? "hovered" : ""}`,
        };
      }),
    );
  }

  return {
    element,
    /** Draw all again: another drawing or other bounds. @param {string[]} names of the two axes */
    draw(names) {
      const { x, y } = actions.bounds();
      if (cross.x < x[0] || cross.x > x[1] || cross.y < y[0] || cross.y > y[1])
        cross = { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 };
      const { points, kind } = actions.drawing();
      if (hovered >= points.length) hovered = -1;
      set(element, { "data-points": points.length, "data-kind": kind });
      drawAxes(names);
      drawPoints();
      drawHair();
    },
  };
}
