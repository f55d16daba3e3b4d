/** Requests of the checker, with the same errors as in api.js. */

import { idOf, isJacobian, named } from "../core/names.js";
import { API } from "../core/root.js";
import { TEXT } from "../text/en.js";
import { createApi } from "./api.js";

/** @typedef {{layers: object[]} & Record<string, unknown>} Givens of the route */

const { post } = createApi(API, undefined, TEXT.server.noAnswerKept);

/** @param {string} text @param {number} [layers] @returns {Promise<Parsed>} */
export const parse = (text, layers) => post("/check/parse", layers ? { text, layers } : { text });
/**
 * Find settings and lines. @param {object} givens what is known, and the pasted text
 * @returns {Promise<Check>}
 */
export const infer = (givens) => post("/check", { ...givens, settings: "infer" });
/** @param {Givens} givens @param {Record<string, Nested>} submitted */
export const check = (givens, submitted) => post("/check", { ...givens, submitted });
/**
 * The working with the lines that a check of these submitted lines has.
 * @param {Givens} givens @param {string[]} submitted
 */
export const working = (givens, submitted) =>
  post("/trace", {
    ...givens,
    verify: false,
    fused: !submitted.includes(idOf("dC_da", givens.layers.length)),
    jacobians: submitted.some((id) => isJacobian(named(id).quantity)),
  });
