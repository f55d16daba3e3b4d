/** What the program is given: the seed of its data and its sizes; and what is known of it. */
import { PROGRAMS } from "../text/programs.js";
import { button, h, patch, slot } from "../ui/dom.js";

/** @param {string} text "N:4,D:3" @returns {Record<string, number>} */
const read = (text) =>
  Object.fromEntries(
    text
      .split(",")
      .filter(Boolean)
      .map((part) => part.split(":"))
      .map(([name, value]) => [name, Number(value)]),
  );

/** @param {Services} services @param {Schemas["ProgramEntry"] | null} entry of a ready program */
export function mountGiven({ store, painter }, entry) {
  const root = slot("given");
  /** @param {string} name @param {string} title @param {number} value @param {number[]} bounds
   * @param {(value: number) => void} take */
  const stepper = (name, title, value, [least, most], take) =>
    h(
      "span.stepper.unbroken",
      { "data-size": name, title },
      h("span.stepper-name.soft", title),
      button(`${name}-less.turn`, "‹", () => take(Math.max(least, value - 1)), {
        ...{ disabled: value <= least, "aria-label": PROGRAMS.less(title) },
      }),
      h("output", value),
      button(`${name}-more.turn`, "›", () => take(Math.min(most, value + 1)), {
        ...{ disabled: value >= most, "aria-label": PROGRAMS.more(title) },
      }),
    );
  painter.add("given", 0, ({ program, seed, sizes }) => {
    if (!program) return;
    const now = { ...program.sizes, ...read(sizes) };
    /** @param {string} name @param {number} value */
    const resize = (name, value) =>
      store.set({
        sizes: Object.entries({ ...now, [name]: value })
          .map((pair) => pair.join(":"))
          .join(),
      });
    patch(
      root,
      ...(entry
        ? [
            h(
              "div.given-row",
              stepper("seed", PROGRAMS.seed, seed, [0, 2 ** 32 - 1], (value) =>
                store.set({ seed: value }),
              ),
              entry.sizes.map(({ name, title, min, max }) =>
                stepper(name, title, now[name] ?? 0, [min, max], (value) => resize(name, value)),
              ),
            ),
            h("details", h("summary", PROGRAMS.toSee), h("p.soft", entry.text)),
          ]
        : []),
      ...program.notes.map((note) => h("p.soft", note)),
    );
  });
}
