/** Elements without a framework. */

/**
 * The element of "button.small[role=tab]".
 * @template Tags @template {string} S
 * @typedef {S extends `${infer Names}[${string}` ? Made<Tags, Names> : S extends
 *   `${infer Tag}.${string}` ? Made<Tags, Tag> : S extends keyof Tags ? Tags[S] : never} Made
 */
/** @typedef {[Record<string, Attribute>, ...Child[]] | Child[]} Content attributes and children */

/**
 * Make an element: h("button.small[role=tab]", {onclick, "aria-label": "…"}, "text", child, …),
 * with its classes and its constant attributes after the tag; others may be left out. Functions
 * become listeners; `true` sets an empty attribute; null, undefined and false leave it out, among
 * the children too. A button submits no form unless its type says so.
 * @template {string} S
 * @param {Made<HTMLElementTagNameMap, S> extends never ? never : S} selector
 * @param {Content} content @returns {Made<HTMLElementTagNameMap, S>}
 */
export function h(selector, ...content) {
  const [tag] = selector.split(/[.[]/);
  const element = document.createElement(tag);
  if (tag === "button") element.setAttribute("type", "button");
  return filled(element, selector, content);
}

/**
 * Make an SVG element, as `h` does.
 * @template {string} S
 * @param {Made<SVGElementTagNameMap, S> extends never ? never : S} selector
 * @param {Content} content @returns {Made<SVGElementTagNameMap, S>}
 */
export function s(selector, ...content) {
  const [tag] = selector.split(/[.[]/);
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), selector, content);
}

/**
 * @param {Element} element @param {string} selector @param {Content} content
 * @returns {any} any: the selector decides
 */
function filled(element, selector, content) {
  const [names, ...constants] = selector.split("[");
  const classes = names.split(".").slice(1);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const constant of constants) {
    const [name, value = ""] = constant.slice(0, -1).split("=");
    element.setAttribute(name, value);
  }
  const [first] = content;
  const named =
    first && typeof first === "object" && !Array.isArray(first) && !("nodeType" in first);
  if (named) set(element, /** @type {Record<string, Attribute>} */ (content.shift()));
  element.append(...present(/** @type {Child[]} */ (content)));
  return element;
}

/**
 * A button that does something: button("swap.small", "swap", () => swap(), {title: "…"}).
 * @param {string} action its data-action, and classes after it
 * @param {Child} content @param {(event: MouseEvent) => void} run
 * @param {Record<string, Attribute>} [attributes]
 */
export function button(action, content, run, attributes = {}) {
  const [name, ...classes] = action.split(".");
  const all = { "data-action": name, onclick: run, ...attributes };
  return h(/** @type {"button"} */ (["button", ...classes].join(".")), all, content);
}

/** A row of a table, with its head. @param {Child} head @param {...Child} cells */
export const tableRow = (head, ...cells) => h("tr", h("th", { scope: "row" }, head), cells);

/** @param {Child} child @returns {(Node | string)[]} the nodes and texts in it */
const present = (child) => {
  if (Array.isArray(child)) return child.flatMap(present);
  if (child === null || child === undefined || typeof child === "boolean") return [];
  return [typeof child === "number" ? String(child) : child];
};

/**
 * What each element does on which event.
 * @type {WeakMap<Node, Record<string, (event: Event) => void>>}
 */
const actions = new WeakMap();

/**
 * @param {Element} element @param {string} name "onclick"
 * @param {(event: Event) => void} run instead of what it did before
 */
function listen(element, name, run) {
  const handlers = actions.get(element) ?? {};
  actions.set(element, handlers);
  if (!(name in handlers))
    element.addEventListener(name.slice(2), (event) => handlers[name](event));
  handlers[name] = run;
}

/** @param {Element} element @param {Record<string, Attribute>} attributes */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") listen(element, name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value === null || value === undefined || value === false)
      element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value))
      element.setAttribute(name, String(value));
  }
}

/**
 * Disable a control without taking the focus from it: a focused control is only marked as disabled
 * until it loses the focus. What it does must be harmless until then.
 * @param {Element} control @param {boolean} off
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
 * Draw again what depends on the state: the only way for it; `replaceChildren` is for what becomes
 * something else, as the next card of a lesson. A child of the same kind at the same place (tag,
 * data- attributes) stays the same element and takes over text, attributes and listeners; what is
 * the same is not written. A browser makes no click of a press and a release on two elements, a new
 * element has not the focus, and a screen reader says again what is written again.
 * @param {Element} box @param {...Child} children used by no other box
 */
export function patch(box, ...children) {
  const before = [...box.childNodes];
  const now = present(children).map((child) => (child instanceof Node ? child : new Text(child)));
  now.forEach((child, k) => {
    const kept = before[k];
    if (kept === child) return;
    if (!kept) box.append(child);
    else if (!isSameKind(kept, child)) kept.replaceWith(child);
    else if (kept instanceof Text) write(kept, child.textContent ?? "");
    else if (kept instanceof Element && child instanceof Element) become(kept, child);
  });
  for (const left of before.slice(now.length)) left.remove();
}

/** What each element of a long list shows. @type {WeakMap<Element, string>} */
const keys = new WeakMap();

/**
 * As `patch`, for many children of which few change: one is made only where its key is another one.
 * @param {Element} box @param {{key: string, make: () => Element}[]} children
 */
export function patchEach(box, children) {
  const same = (/** @type {string} */ key, /** @type {Element | undefined} */ kept) =>
    kept && keys.get(kept) === key ? kept : null;
  patch(box, ...children.map(({ key, make }, k) => same(key, box.children[k]) ?? make()));
  children.forEach(({ key }, k) => {
    keys.set(box.children[k], key);
  });
}

/** @param {Node} before @param {Node} now */
function isSameKind(before, now) {
  const events = (/** @type {Node} */ node) => Object.keys(actions.get(node) ?? {}).join();
  if (before.nodeName !== now.nodeName || events(before) !== events(now)) return false;
  if (!(before instanceof Element) || !(now instanceof Element)) return true;
  const data = now.getAttributeNames().filter((name) => name.startsWith("data-"));
  return data.every((name) => before.getAttribute(name) === now.getAttribute(name));
}

/** @param {Element} before @param {Element} now */
function become(before, now) {
  for (const name of before.getAttributeNames())
    if (!now.hasAttribute(name)) before.removeAttribute(name);
  for (const name of now.getAttributeNames()) {
    const value = /** @type {string} */ (now.getAttribute(name));
    if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  }
  // the attribute `checked` is only the first state
  if (before instanceof HTMLInputElement && now instanceof HTMLInputElement)
    before.checked = now.checked;
  set(before, actions.get(now) ?? {});
  patch(before, ...now.childNodes);
}

/**
 * Change text only if it differs: a screen reader announces what is written again.
 * @param {Node} element @param {string} text
 */
export function write(element, text) {
  if (element.textContent === text) return;
  const only = element.lastChild === element.firstChild ? element.firstChild : null;
  if (only instanceof Text) only.data = text;
  else element.textContent = text;
}

/** Sizes of the window, under their names in tokens.css. */
const SIZES = { phone: "(max-width: 43.75em)", wide: "(min-width: 68.8125em)" };
export const windowIs = (/** @type {keyof typeof SIZES} */ size) => matchMedia(SIZES[size]);

/** Whether nothing should move. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** How to scroll: at once for those who ask for less motion. @returns {ScrollBehavior} */
export const scrolling = () => (still() ? "auto" : "smooth");

/**
 * An element that the template must have.
 * @template {Element} T
 * @param {string} selector @param {new () => T} type such as HTMLInputElement
 * @param {ParentNode} [within] @returns {T}
 */
export function find(selector, type, within = document) {
  const element = within.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`no ${type.name} in this page: ${selector}`);
}

/** @param {EventTarget | null} target of an event @param {string} selector */
export const closest = (target, selector) =>
  target instanceof Element ? target.closest(selector) : null;

/**
 * any: the template decides which element it is; `find` is for those whose type matters.
 * @typedef {(name: string) => any} Named
 */
/** @type {Named} */
export const slot = (name) => document.querySelector(`[data-slot="${name}"]`);
/** @type {Named} */
export const panel = (name) => document.querySelector(`[data-panel="${name}"]`);
/** @type {Named} */
export const figure = (name) => document.querySelector(`[data-figure="${name}"]`);

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
export const icon = (/** @type {keyof typeof ICONS} */ name) =>
  s("svg[aria-hidden=true]", { viewBox: "0 0 12 12" }, s("path", { d: ICONS[name] }));

/** What formulas are parsed to. @type {WeakMap<object, Element>} */
const parsedOf = new WeakMap();

/**
 * Formulas come from our server as MathML; parsed as a document, so that nothing but MathML can
 * get in.
 * @param {{mathml: string, latex: string} | null | undefined} formula @param {boolean} [block]
 * @returns {Node}
 */
export function math(formula, block = false) {
  if (!formula) return document.createTextNode("");
  const known = parsedOf.get(formula) ?? parse(formula.mathml);
  if (!known) return document.createTextNode(formula.latex);
  parsedOf.set(formula, known);
  const parsed = /** @type {Element} */ (known.cloneNode(true));
  // displaystyle, not display="block": a block of MathML is centred, ours stands at the left
  parsed.setAttribute("display", "inline");
  if (block) parsed.setAttribute("displaystyle", "true");
  return parsed;
}

/** @param {string} mathml @returns {Element | null} */
function parse(mathml) {
  const parsed = new DOMParser().parseFromString(mathml, "text/html").querySelector("math");
  for (const element of parsed ? [parsed, ...parsed.querySelectorAll("*")] : []) {
    for (const { name } of [...element.attributes])
      if (name.startsWith("on") || name === "style" || name.endsWith("href"))
        element.removeAttribute(name);
    if (element.namespaceURI !== "http://www.w3.org/1998/Math/MathML") element.remove();
  }
  return parsed;
}

/**
 * A row of buttons of which one is pressed.
 * @param {string} label
 * @template T
 * @param {{value: T, text: Child, title?: string, said?: string, math?: boolean}[]} options said:
 *   in place of a sign
 * @param {(value: T) => void} choose @param {Record<string, Attribute>} [attributes]
 */
export function choice(label, options, choose, attributes = {}) {
  const buttons = options.map(({ value, text, title, said, math: isMath }) =>
    h(
      "button[aria-pressed=false]",
      {
        "data-value": String(value),
        title: title ?? said,
        "aria-label": said,
        class: isMath ? "math" : null,
        onclick: () => choose(value),
      },
      text,
    ),
  );
  const element = h("div.choice[role=group]", { "aria-label": label, ...attributes }, buttons);
  return {
    element,
    show(/** @type {T | null} */ value) {
      for (const button of buttons)
        set(button, { "aria-pressed": String(button.dataset.value === String(value)) });
    },
  };
}
