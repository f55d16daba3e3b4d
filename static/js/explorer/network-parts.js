/** What the working of a network has beside that of any program. */
import { provenance } from "../core/provenance.js";
import { createOwnNumbers } from "./own-numbers.js";
import { createSampleParts } from "./sample-parts.js";
import { createViewBar } from "./view-bar.js";
import { mountWhatIf } from "./what-if.js";
import { createWhoseUpdate } from "./whose-numbers.js";

/** @param {Services & Pick<Branching, "setActivations">} services @param {Dragging} dragging */
export const networkParts = (services, dragging) => ({
  view: createViewBar(services),
  own: createOwnNumbers(services),
  sampleParts: createSampleParts(services),
  whose: createWhoseUpdate(services.store),
  /** @param {HTMLElement} root */
  whatIf: (root) => mountWhatIf(root, services, dragging),
  origin: provenance,
});

/** @typedef {ReturnType<typeof networkParts>} NetworkParts */
