/** Elements without a framework. */

/**
 * h("button", {type: "button", class: "x", onclick, "aria-label": "…"}, "text", child, …) Functions
 * become listeners; `true` sets an empty attribute; null, undefined and false leave it out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...any} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

const present = (children) =>
  children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false);

/**
 * @type {WeakMap<Element, Record<string, (event: Event) => void>>} what each element does on which
 *   event
 */
const actions = new WeakMap();

/**
 * @param {Element} element
 * @param {string} name "onclick"
 * @param {(event: Event) => void} run instead of what it did before
 */
function listen(element, name, run) {
  const own = actions.get(element) ?? {};
  actions.set(element, own);
  if (!(name in own)) element.addEventListener(name.slice(2), (event) => own[name](event));
  own[name] = run;
}

/** @param {Element} element @param {Record<string, any>} attributes */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") listen(element, name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value === null || value === undefined || value === false)
      element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/**
 * A disabled control loses the focus to the page; so one that has it is only said to be disabled
 * until it has it no more. What it does must do no harm then.
 * @param {any} control
 * @param {boolean} off
 */
export function disable(control, off) {
  const kept = off && control === document.activeElement;
  set(control, {
    disabled: off && !kept,
    "aria-disabled": kept ? "true" : null,
    onblur: () => disable(control, off),
  });
}

/**
 * Instead of `replaceChildren` where something is drawn again while it is used: what stands for the
 * same thing at the same place (tag, data- attributes) stays the same element and takes over text,
 * attributes and what `h` made it do. A browser makes no click of a press and a release on two
 * elements, however alike, and a new one has not the focus.
 * @param {Element} box
 * @param {...any} children made for this alone
 */
export function renew(box, ...children) {
  const before = [...box.childNodes];
  const now = present(children).map((child) => (child instanceof Node ? child : new Text(child)));
  now.forEach((child, k) => {
    const kept = before[k];
    if (!kept) box.append(child);
    else if (!standsForSame(kept, child)) kept.replaceWith(child);
    else if (kept instanceof Text) write(kept, child.data);
    else if (kept instanceof Element) become(kept, child);
  });
  for (const left of before.slice(now.length)) left.remove();
}

function standsForSame(before, now) {
  const does = (node) => Object.keys(actions.get(node) ?? {}).join();
  if (before.nodeName !== now.nodeName || does(before) !== does(now)) return false;
  return Object.entries(now.dataset ?? {}).every(([name, value]) => before.dataset[name] === value);
}

function become(before, now) {
  for (const name of before.getAttributeNames())
    if (!now.hasAttribute(name)) before.removeAttribute(name);
  for (const name of now.getAttributeNames()) set(before, { [name]: now.getAttribute(name) });
  // the attribute is only how it began
  if (now instanceof HTMLInputElement) before.checked = now.checked;
  set(before, actions.get(now) ?? {});
  renew(before, ...now.childNodes);
}

/**
 * Change text only if it differs: a screen reader announces what is written again.
 * @param {Node} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** How to scroll: at once for those who ask for less motion. @returns {ScrollBehavior} */
export const scrolling = () =>
  matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

/** @param {string} name @returns {any} */
export const slot = (name) => document.querySelector(`[data-slot="${name}"]`);
/** @param {string} name @returns {any} */
export const panel = (name) => document.querySelector(`[data-panel="${name}"]`);
/** @param {string} name @returns {any} */
export const figure = (name) => document.querySelector(`[data-figure="${name}"]`);

/** SVG elements. @param {string} tag @param {Record<string, any>} attributes */
export function s(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  return element;
}

/**
 * Shapes of the transport's buttons, on a grid of 12: glyphs for them are missing in many fonts.
 */
const ICONS = {
  start: "M1 1h2v10H1zM11 1v10L4 6z",
  back: "M10 1v10L2 6z",
  play: "M2 1l9 5-9 5z",
  pause: "M2 1h3v10H2zM7 1h3v10H7z",
  step: "M2 1l8 5-8 5z",
};
/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = s("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
  svg.append(s("path", { d: ICONS[name] }));
  return svg;
}

/**
 * Formulas come from our own server as MathML; parsed as a document, so that nothing but MathML can
 * get in.
 * @param {{mathml: string, latex: string} | null | undefined} formula
 * @param {boolean} [block]
 * @returns {Node}
 */
export function math(formula, block = false) {
  if (!formula) return document.createTextNode("");
  const parsed = new DOMParser().parseFromString(formula.mathml, "text/html").querySelector("math");
  if (!parsed) return document.createTextNode(formula.latex);
  for (const element of [parsed, ...parsed.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes])
      if (name.startsWith("on") || name === "style" || name.endsWith("href"))
        element.removeAttribute(name);
    if (element.namespaceURI !== "http://www.w3.org/1998/Math/MathML") element.remove();
  }
  // displaystyle, not display="block": a block of MathML is centred, ours stands at the left
  parsed.setAttribute("display", "inline");
  if (block) parsed.setAttribute("displaystyle", "true");
  return parsed;
}

/**
 * A row of buttons of which one is pressed.
 * @param {string} label
 * @param {{value: any, text: string, title?: string, math?: boolean}[]} options
 * @param {(value: any) => void} choose
 * @param {Record<string, any>} [attributes]
 */
export function choice(label, options, choose, attributes = {}) {
  const buttons = options.map(({ value, text, title, math: isMath }) =>
    h(
      "button",
      {
        type: "button",
        "data-value": value,
        title,
        class: isMath ? "math" : null,
        "aria-pressed": "false",
        onclick: () => choose(value),
      },
      text,
    ),
  );
  const element = h(
    "div",
    { class: "choice", role: "group", "aria-label": label, ...attributes },
    buttons,
  );
  return {
    element,
    /** @param {any} value */
    show(value) {
      for (const button of buttons)
        set(button, { "aria-pressed": String(button.dataset.value === String(value)) });
    },
  };
}
