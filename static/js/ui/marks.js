/** The marks of a line, and a button beside a diagnosis. */
import { TEXT } from "../text/en.js";
import { button } from "./dom.js";

export const MARKS = {
  correct: { sign: "✓", word: TEXT.marking.correct, title: TEXT.marking.agrees },
  follows: { sign: "↪", word: TEXT.marking.follows, title: TEXT.marking.followsLong },
  wrong: { sign: "✗", word: TEXT.marking.wrong, title: TEXT.marking.wrongLong },
  missing: { sign: "·", word: TEXT.marking.missing, title: TEXT.marking.missingLong },
};

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
