/** Forty pictures of the data with what the network says of each; a press chooses one. */
import { classesSaid } from "../../core/dense.js";
import { chooseSample } from "../../state/samples.js";
import { TEXT } from "../../text/en.js";
import { h, set, write } from "../../ui/dom.js";
import { palette } from "../../ui/theme.js";
import { greys, pixelsOf } from "../templates.js";

const MOST = 40;

export function createSamplePictures(/** @type {Store} */ store) {
  const element = h("div.sample-pictures[data-slot=pictures][hidden]");
  const items = Array.from({ length: MOST }, (_, k) => {
    const canvas = h("canvas[aria-hidden=true]");
    const said = h("span");
    const caption = h("span", h("span.word", TEXT.templates.says), said);
    const item = h(
      "button.sample-picture",
      { onclick: () => chooseSample(store, first + k) },
      canvas,
      caption,
    );
    return { item, canvas, said };
  });
  element.append(...items.map(({ item }) => item));
  let first = 0;
  let key = "";

  return {
    element,
    draw(/** @type {State} */ { data, frame, trace, sample }) {
      const { x, target } = data.train;
      if (typeof sample === "number") first = MOST * Math.floor(sample / MOST);
      const rows = x.slice(first, first + MOST);
      const [image, mean, scale] = [
        data.image_shape ?? [1, 1],
        data.feature_mean,
        data.feature_scale,
      ];
      const now = [first, document.documentElement.dataset.theme, palette().ink, x.length].join();
      const said = trace && classesSaid(trace, frame.layers, rows);
      items.forEach(({ item, canvas, said: caption }, k) => {
        item.hidden = k >= rows.length;
        if (item.hidden) return;
        if (now !== key) {
          const ink = rows[k].map((v, i) => v * (scale?.[i] ?? 1) + (mean?.[i] ?? 0));
          const black = Math.max(...ink, 1e-9);
          [canvas.width, canvas.height] = [image[1], image[0]];
          const pixels = pixelsOf(image, 1, (_, i) => (255 * ink[i]) / black, greys(palette()));
          canvas.getContext("2d")?.putImageData(pixels, 0, 0);
        }
        const predicted = said?.[k];
        const [name, truth] = [predicted, target[first + k]].map((each) =>
          String(data.classes[each ?? -1] ?? ""),
        );
        write(caption, predicted === undefined ? "" : name);
        const words = TEXT.templates.picture(first + k, truth, name);
        set(item, {
          ...{ "data-sample": first + k, "aria-label": words, title: words },
          "data-wrong": predicted !== undefined && predicted !== target[first + k],
          "aria-pressed": String(sample === first + k),
        });
      });
      key = now;
    },
  };
}
