/** Beside the ribbon: the two passes to walk, and the pace. What the buttons do: commands.js. */

import { PACES } from "../core/walk.js";
import { TEXT } from "../text/en.js";
import { h, icon, panel, patch, set, write } from "../ui/dom.js";

/** @type {Record<Pass, {icon: "step" | "back", text: string, title: string}>} */
const PASSES = {
  forward: { icon: "step", text: TEXT.walk.forward, title: TEXT.walk.forwardTitle },
  backward: { icon: "back", text: TEXT.walk.backward, title: TEXT.walk.backwardTitle },
};

/** @param {Store} store @param {Painter} painter */
export function mountWalk(store, painter) {
  const buttons = Object.keys(PASSES).map((pass) => ({
    pass: /** @type {Pass} */ (pass),
    button: h("button.small", { "data-action": `walk-${pass}`, "data-phase": pass }),
  }));
  const pace = h("input[type=range][min=0][step=1][data-control=walk-pace]", {
    max: String(PACES.length - 1),
    value: String(store.state.walkPace),
    "aria-label": TEXT.walk.pace,
    oninput: () => store.set({ walkPace: Number(pace.value) }),
  });
  const paceText = h("span.walk-pace.soft.fine.unbroken");
  panel("ribbon").append(
    h(
      "div.walk.side-by-side[role=group]",
      { "aria-label": TEXT.walk.group },
      buttons.map(({ button }) => button),
      h("label.walk-speed", pace, paceText),
    ),
  );
  let drawn = "";
  painter.add("walk", 0, ({ walking, walkPace, trace }) => {
    const now = [walking, walkPace, Boolean(trace)].join();
    if (now === drawn) return; // another trace in each animation frame of a run
    drawn = now;
    for (const { pass, button } of buttons) {
      const on = walking === pass;
      const name = on ? TEXT.transport.pause : PASSES[pass].text;
      set(button, {
        disabled: !trace,
        "aria-pressed": String(on),
        "aria-label": name,
        title: on ? TEXT.walk.pauseTitle : PASSES[pass].title,
      });
      patch(button, icon(on ? "pause" : PASSES[pass].icon), h("span.word", name));
    }
    const said = TEXT.walk.aLine(PACES[walkPace] / 1000);
    write(paceText, said);
    set(pace, { "aria-valuetext": said });
  });
}
