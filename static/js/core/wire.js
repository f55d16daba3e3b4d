/**
 * Types of what the server takes and answers, see docs/wire.md. Only types: nothing loads this
 * file.
 *
 * `any` is used for values whose type a name in the same object decides (the parameters of a data
 * set, the value of a setting), and for arrays of numbers nested to any depth.
 */

/** @typedef {any} Nested a number, or lists of numbers nested to the depth of a shape */
/** @typedef {{latex: string, mathml: string}} Formula */

/** @typedef {{units: number, activation: string}} LayerRecipe */
/** @typedef {{step: number, set: string, to: any}} Edit */
/**
 * @typedef {Record<string, any> & {
 *   dataset: Record<string, any> & {name: string},
 *   network: Record<string, any> & {layers: LayerRecipe[]},
 *   cost: {name: string, reduction?: string | null},
 *   optimizer: Record<string, any> & {name: string, learning_rate: number},
 *   edits?: Edit[]}} Recipe an experiment, complete
 */
/**
 * @typedef {{id: string, recipe: Recipe, parameters: number, steps_per_epoch: number,
 *   warnings: string[]}} Experiment
 */

/**
 * @typedef {{x: number[][], target: number[], targets?: number[][], rows: number[]}} Part
 * `target` is the first of several `targets`
 */
/**
 * @typedef {{train: Part, test: Part, task: string, features: string[], classes: string[],
 *   target_name: string, image_shape: number[] | null, feature_mean: number[],
 *   feature_scale: number[], target_mean: number, target_scale: number}} Data
 */

/** @typedef {import("./decode.js").Tensor} Tensor */
/**
 * @typedef {{W_norm: number, b_norm: number, z_norm: number, update_ratio: number | null,
 *   histogram: any}} GradientSummary
 */
/**
 * @typedef {{units: number, activation: string, W: Tensor, b: Tensor, dC_dW: Tensor, dC_db: Tensor,
 *   neurons: Record<string, ArrayLike<number> | null>, activation_statistics: any,
 *   gradient: GradientSummary}} Layer of a frame, unpacked
 */
/**
 * @typedef {{kind: string, layer: number | null, text: string, suggestion: string, change: {path:
 *   string, value: any} | null}} Alarm
 */
/**
 * @typedef {{step: number, epoch: number, batch: {size: number, rows?: number[]} | null,
 *   learning_rate: number, cost: {train: number, test: number | null},
 *   score: {name: string, train: number, test: number | null} | null, layers: Layer[],
 *   input: ArrayLike<number>, output: ArrayLike<number>, curves: Record<string, Tensor> | null,
 *   boundary: any, alarms: Alarm[],
 *   diverged: {step: number, text: string, suggestion: string, change: any} | null}} Frame
 */

/**
 * @typedef {{id: string, symbol: Formula, shape: number[], value: Nested, left_out?: boolean}}
 *   Given
 */
/**
 * @typedef {Given & {phase: string, op: string, layer: number | null, inputs: string[],
 *   formula: Formula, text: any, signature: string, entry: string, check?: any}} Line
 */
/**
 * @typedef {{step: number, rows: number[], convention: string, reduction: string, fused: boolean,
 *   activations: string[], batch: number | null, cost: number, givens: Given[], lines: Line[],
 *   gradients: {dC_dW: Nested, dC_db: Nested}[], verification: any}} Trace
 */

/**
 * @typedef {Record<string, any> & {name: string, title: string, description?: string,
 *   parameters?: any[]}} Entry of one of the registries
 */
/**
 * @typedef {{datasets: Entry[], activations: Entry[], costs: Entry[], reductions: Entry[],
 *   optimizers: Entry[], schedules: Entry[], initializers: Entry[], conventions: Entry[],
 *   operations: Entry[], misconceptions: Entry[], limits: Record<string, number>}} Catalog
 */

/**
 * @typedef {{verdict: string, max_relative_error: number | null, misconception: string | null,
 *   entries: any}} Mark of one line by the checker
 */
/**
 * @typedef {{verdict: string, first_wrong: string | null, summary: string, diagnoses: any[],
 *   lines: Record<string, Mark>, notes: any[]}} Check
 */
export {};
