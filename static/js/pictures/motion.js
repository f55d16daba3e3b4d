/**
 * What moves once when a line is opened: bars grow, a dot rises to its curve, a tangent turns,
 * bands flow, an update slides along the cost. The drawing is final from the start: only transforms
 * change.
 */

const [SHORT, USUAL, LONG, FLOW, ALL] = [150, 250, 300, 400, 900]; // ms; all: of any picture

/** @typedef {SVGGraphicsElement | null | undefined} Part */

const numbersIn = (/** @type {Element} */ element, /** @type {string} */ names) =>
  names.split(",").map((name) => Number(element.getAttribute(name)));

const inPixels = (/** @type {number[]} */ place) => place.map((value) => `${value}px`);

/**
 * @param {Part} element @param {string[]} transforms from, or all the way to what is drawn
 * @param {number} delay @param {number} duration @param {number[]} [origin] in the drawing
 * @returns {Animation[]}
 */
function move(element, transforms, delay, duration, origin = [0, 0]) {
  if (!element) return [];
  const transformOrigin = inPixels(origin).join(" ");
  const frames = [...transforms, "none"].map((transform) => ({ transform, transformOrigin }));
  return [element.animate(frames, { delay, duration, easing: "ease-out", fill: "backwards" })];
}

/** A rule from where it begins. @param {Part} line @param {number} delay @param {number} duration
 * @param {Part} [whole] of which it is a part */
const draw = (line, delay, duration, whole = line) =>
  line ? move(whole, ["scale(0)"], delay, duration, numbersIn(line, "x1,y1")) : [];

/** Each bar from where the last one ended; then the dot of their sum. @param {SVGElement} svg */
function sum(svg) {
  const bars = [.../** @type {NodeListOf<SVGGraphicsElement>} */ (svg.querySelectorAll(".bar"))];
  const each = Math.min(USUAL, (ALL - SHORT) / Math.max(1, bars.length));
  return [
    ...bars.flatMap((bar, k) => {
      const [x, width] = numbersIn(bar, "x,width");
      const from = bar.classList.contains("below") ? x + width : x;
      return move(bar, ["scaleX(0)"], k * each, each, [from, 0]);
    }),
    ...move(svg.querySelector(".dot.chosen"), ["translateY(-28px)"], bars.length * each, SHORT),
  ];
}

/** From the axis up to the curve, then to the left. @param {SVGElement} svg */
function curve(svg) {
  /** @type {Part} */
  const way = svg.querySelector(":scope > line.phase");
  const arrow = /** @type {Part} */ (svg.querySelector(":scope > .arrow.phase"));
  if (!way) return [];
  const [y1, y2] = numbersIn(way, "y1,y2");
  return [
    ...draw(way, 0, LONG),
    ...move(svg.querySelector(".dot.chosen"), [`translateY(${y1 - y2}px)`], 0, LONG),
    ...draw(arrow?.querySelector("line"), LONG, USUAL, arrow),
  ];
}

/** The tangent turns to its slope, which is read below; the bar shrinks. @param {SVGElement} svg */
function slope(svg) {
  /** @type {Part} */
  const tangent = svg.querySelector("line.tangent");
  /** @type {Part} */
  const result = svg.querySelector(".bar:is(.above, .below):not(.pale)");
  const gradient = svg.querySelector(".bar.pale");
  if (!tangent || !result || !gradient) return [];
  const [x1, y1, x2, y2] = numbersIn(tangent, "x1,y1,x2,y2");
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const [after, before] = [result, gradient].map((bar) => numbersIn(bar, "y,height"));
  const foot = after[0] === before[0] ? after[0] : after[0] + after[1];
  const middle = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [
    ...move(tangent, [`rotate(${-angle}rad)`], 0, USUAL, middle),
    ...draw(svg.querySelector("line.link.phase"), USUAL, SHORT),
    ...move(result, [`scaleY(${before[1] / after[1]})`], USUAL + SHORT, LONG, [0, foot]),
  ];
}

/** Along the cost from the old weight to the new one. @param {SVGElement} svg */
function update(svg) {
  const dot = /** @type {Part} */ (svg.querySelector(".entry > .dot.chosen"));
  const old = svg.querySelector(".dot.before");
  const path = svg.querySelector(".curve.cost")?.getAttribute("d") ?? "";
  if (!dot || !old) return [];
  const [from, to] = [old, dot].map((each) => numbersIn(each, "cx,cy"));
  const forth = Math.sign(to[0] - from[0]);
  const between = [...path.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)]
    .map(([, x, y]) => [Number(x), Number(y)])
    .filter(([x]) => forth * (x - from[0]) > 0 && forth * (to[0] - x) > 0)
    .sort((p, q) => forth * (p[0] - q[0]));
  const way = [from, ...between].map(([x, y]) => `translate(${inPixels([x - to[0], y - to[1]])})`);
  return move(dot, way, 0, LONG);
}

/** From the gradients on the right to their sum on the left. @param {SVGElement} svg */
function bands(svg) {
  const all = [.../** @type {NodeListOf<SVGGraphicsElement>} */ (svg.querySelectorAll("path.bar"))];
  const places = all.map((band) => band.getBBox());
  const [left, right] = [
    Math.min(...places.map(({ x }) => x)),
    Math.max(...places.map(({ x, width }) => x + width)),
  ];
  const speed = FLOW / (right - left);
  return places.flatMap(({ x, width }, k) => {
    const from = x + width;
    return move(all[k], ["scaleX(0)"], speed * (right - from), speed * width, [from, 0]);
  });
}

/** Sums turn into exponentials, these into fractions of one. @param {SVGElement} svg */
function softmax(svg) {
  return [...svg.querySelectorAll(".entry")].flatMap((row) => {
    const bars = [.../** @type {NodeListOf<SVGGraphicsElement>} */ (row.querySelectorAll(".bar"))];
    const places = bars.map((bar) => numbersIn(bar, "x,width"));
    return bars.slice(1).flatMap((bar, k) => {
      const [[x0, width0], [x1, width1]] = [places[k], places[k + 1]];
      const from = `translateX(${x0 - x1}px) scaleX(${width0 / width1})`;
      return move(bar, [from], LONG * k, LONG, [x1, 0]);
    });
  });
}

/** @type {Record<string, (svg: SVGElement) => Animation[]>} */
const MOTIONS = { sum, curve, slope, update, bands, softmax };

/** @param {SVGElement} svg with the drawing @returns {Animation[]} for who wants to end them */
export const motionOf = (svg) => MOTIONS[svg.dataset.picture ?? ""]?.(svg) ?? [];
