/**
 * Plotly, loaded beside this module. A plot is drawn whole when its structure or size changes, and
 * only its changed numbers otherwise.
 */
import { find } from "./dom.js";

/** @returns {Promise<Plotly>} which the page has preloaded, as soon as it has run */
export async function plotly() {
  const { href } = find('[data-slot="plotly"]', HTMLLinkElement);
  return (await import(href)).default;
}

/** @param {Plotly} Plotly @param {HTMLElement} element @param {() => void} onResize */
export function createPlot(Plotly, element, onResize) {
  let ready = false;
  /** @type {Element[] | null} of the first trace, found once after each drawing */
  let points = null;
  /** @type {Element | null} */
  let image = null;
  let width = 0;
  let height = 0;
  let missed = false; // it was to be drawn while it was hidden
  new ResizeObserver(() => {
    measured = null;
    const now = size();
    if (missed || now.width !== width || now.height !== height) onResize();
  }).observe(element);

  // Remembered: to read it in each frame would make the browser lay the page out each time.
  /** @type {{width: number, height: number} | null} */
  let measured = null;
  function size() {
    measured ??= {
      width: Math.floor(element.clientWidth),
      height: Math.floor(element.clientHeight),
    };
    return measured;
  }

  return {
    element,
    size,
    /** Nothing can be drawn into a hidden or collapsed element. */
    get visible() {
      // before the first drawing others of the same animation frame have filled the page
      if (!ready && measured?.width) measured = null;
      const now = size();
      missed = now.width <= 40 || now.height <= 40;
      return !missed;
    },
    draw(/** @type {Figure} */ { data, layout, config }) {
      ({ width, height } = size());
      points = image = null;
      if (ready) Plotly.react(element, data, layout, config);
      else Plotly.newPlot(element, data, layout, config);
      ready = true;
    },
    /** Nothing is left of it; the next drawing is a new one. */
    clear() {
      if (ready) Plotly.purge(element);
      ready = false;
    },
    /**
     * Colours of the points of the first trace, on the elements that Plotly has made of them, and
     * in its data: `restyle` does the same in 6 ms instead of 0.1, which every frame of a run has
     * to wait for.
     */
    recolour(/** @type {{color: string[], outline: string[]}} */ { color, outline }) {
      const { marker } = Reflect.get(element, "data")[0];
      marker.color = color;
      marker.line.color = outline;
      points ??= [...element.querySelectorAll(".scatterlayer .points path")];
      points.forEach((point, i) => {
        const { style } = /** @type {SVGPathElement} */ (point);
        if (style.fill !== color[i]) style.fill = color[i];
        if (style.stroke !== outline[i]) style.stroke = outline[i];
      });
    },
    /**
     * Another source of an image below the points, the only one there: in 0.1 ms instead of the 2
     * of `relayout`, which every frame of a run and of a drag has to wait for.
     * @param {number} k of the layout's images @param {string} source
     */
    repaint(k, source) {
      image ??= element.querySelector(".layer-subplot .imagelayer image");
      const wholes = ["layout", "_fullLayout"].map((name) => Reflect.get(element, name));
      for (const { images } of wholes) images[k].source = source;
      image?.setAttribute("href", source);
      if (image) Reflect.set(image, "_imgSrc", source); // what Plotly compares with
    },
    /** @param {Attributes} update @param {number[]} traces */
    restyle: (update, traces) => Plotly.restyle(element, update, traces),
    relayout: (/** @type {Attributes} */ update) => Plotly.relayout(element, update),
  };
}
