/** Lines and givens of a dense network, with the names that the server gives them. */
import { named } from "../../../static/js/core/names.js";

const COLUMN = ["unit", "unit below"];
const AXES = { x: ["unit below"], W: COLUMN, W_next: COLUMN, m_W: COLUMN, dC_dW: COLUMN };
const VECTOR = /^(target|[azb]|b_next|dC_d[azb])$/;

/** A line or given by its id; W has a row for each unit unless `axes` says otherwise. */
export function value(id, more = {}) {
  const name = named(id);
  const { quantity } = name;
  const [, of = null] = /(?:^dC_d|_)([azWb]\d+)(?:_next)?$|^([Wb]\d+)_next$/.exec(id) ?? [];
  const axes = AXES[quantity] ?? (VECTOR.test(quantity) ? ["unit"] : []);
  return { ...name, of, axes, inputs: [], ...more };
}
