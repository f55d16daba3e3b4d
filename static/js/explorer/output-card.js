/** The output beside the target, below the one unit of the output layer, and the cost of both. */

import { number } from "../core/format.js";
import { idOf, named, nameOf } from "../core/names.js";
import { lineOf, variable } from "../core/trace.js";
import { costVeiled, outputVeiled } from "../core/veil.js";
import { valuesOf } from "../state/shown.js";
import { TEXT } from "../text/en.js";
import { h, set, write } from "../ui/dom.js";

const LEAST = 24; // half a side of a unit beside which there is room

/** The number of the sample's target; null where there is none. @param {State} state */
function targetOf({ sample, data }) {
  const target = sample === "batch" ? undefined : data.train.target[sample];
  return target === undefined ? null : Array.isArray(target) ? target[0] : target;
}

export function createOutputCard(/** @type {HTMLElement} */ area) {
  const names = [h("span.math"), h("span.math", "𝑦")];
  const values = [h("strong"), h("strong")];
  const cells = names.map((name, k) => h("span.output-cell", name, values[k]));
  const cost = h("span.output-cost[data-phase=cost]");
  const was = h("span.soft");
  const element = h(
    "div.output-card.smaller.unbroken[aria-hidden=true][hidden]",
    h("div.output-cells", cells),
    cost,
    was,
  );
  area.append(element);

  return {
    /** @param {State} state @param {Geometry} places @param {Shown[]} layers */
    draw(state, places, layers) {
      const { sizes, tiles, radius } = places;
      const last = sizes.length - 1;
      const target = targetOf(state);
      element.hidden =
        !tiles ||
        sizes[last] !== 1 ||
        radius < (state.first ? LEAST / 2 : LEAST) ||
        target === null;
      if (element.hidden || target === null) return;
      const { x, y } = places.center(last, 0);
      element.style.left = `${x}px`;
      element.style.top = `${y + radius + 22}px`;
      const { role, quantity } = layers[last];
      const before = role === "pending" || (role === "writes" && quantity === "z");
      const veiled = outputVeiled(state);
      const output = before || veiled ? null : (valuesOf(state, "a", last)?.[0] ?? null);
      const said = state.first
        ? [TEXT.first.itSays, TEXT.first.itShouldSay]
        : [nameOf(named(idOf("a", last))), nameOf(named("y"))];
      for (const [k, name] of names.entries()) write(name, said[k]);
      write(values[0], veiled ? "?" : output === null ? TEXT.stage.notYet : number(output));
      write(values[1], number(target));
      const classes = state.data.task === "classification";
      set(cells[0], {
        "data-of-class": classes && output !== null ? String(+(output >= 0.5)) : null,
      });
      set(cells[1], { "data-of-class": classes ? String(target) : null });
      const line = lineOf(state.trace, "C");
      const reached = state.trace?.lines.findIndex(({ id }) => id === state.line);
      const known = line && (state.held !== null || reached >= state.trace.lines.indexOf(line));
      const value = known && !costVeiled(state) ? variable(state.trace, "C")?.value : null;
      write(cost, value === null || value === undefined ? "" : TEXT.stage.costIs(number(value)));
      const old =
        state.held && value !== null ? variable(state.held.before.trace, "C")?.value : null;
      write(was, typeof old === "number" ? TEXT.hold.was(number(old)) : "");
    },
  };
}
