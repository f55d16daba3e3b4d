/** A button beside a diagnosis: what was computed with another activation becomes right with it. */

import { TEXT } from "../text/en.js";
import { h } from "./dom.js";

/** @typedef {import("../core/wire.js").LayerActivation} LayerActivation */

/**
 * @param {LayerActivation[]} activations of a diagnosis
 * @param {((activations: LayerActivation[]) => void) | null} take null: the page cannot set them
 * @returns {HTMLElement | null} nothing to offer
 */
export const activationOffer = (activations, take) =>
  take && activations.length
    ? h(
        "button.offer",
        { "data-action": "set-activation", onclick: () => take(activations) },
        TEXT.marking.setActivations(activations),
      )
    : null;
