/** A button beside a diagnosis: what was computed with another activation becomes right with it. */

import { TEXT } from "../text/en.js";
import { button } from "./dom.js";

/**
 * @param {LayerActivation[]} activations of a diagnosis
 * @param {((activations: LayerActivation[]) => void) | null} take null: the page cannot set them
 * @returns {HTMLElement | null} nothing to offer
 */
export const activationOffer = (activations, take) =>
  take && activations.length
    ? button("set-activation.offer", TEXT.marking.setActivations(activations), () =>
        take(activations),
      )
    : null;
