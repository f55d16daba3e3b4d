/**
 * Types of what the server takes and answers, see docs/wire.md. Only types: nothing loads this
 * file.
 *
 * `any` is used for values whose type a name in the same object decides (the parameters of a data
 * set, the value of a setting), and for arrays of numbers nested to any depth.
 */

/** @typedef {any} Nested a number, or lists of numbers nested to the depth of a shape */
/** @typedef {number | null} Finite null: the number is not finite */
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
/** @typedef {Partial<Recipe>} RecipePart what it leaves out, the server fills in */
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
 *   feature_scale: number[], target_mean: number | number[], target_scale: number | number[]}} Data
 * the means and scales of several targets are lists
 */

/** @typedef {import("./decode.js").Tensor} Tensor */
/** @typedef {{edges: number[], counts: number[]}} Histogram edges: one more than counts */
/**
 * @typedef {{W_norm: number, b_norm: number, z_norm: number, update_ratio: Finite,
 *   histogram: Histogram}} GradientSummary
 */
/**
 * @typedef {{mean: number, std: number, dead_fraction: Finite, saturated_fraction: Finite}}
 *   ActivationStatistics a fraction is null where the activation has no such units
 */
/**
 * @typedef {{units: number, activation: string, W: Tensor, b: Tensor, dC_dW: Tensor, dC_db: Tensor,
 *   neurons: Record<string, ArrayLike<number> | null>,
 *   activation_statistics?: ActivationStatistics, gradient?: GradientSummary,
 *   map?: Tensor | null}} Layer
 * of a frame, unpacked; what depends on `include` may be absent
 */
/**
 * @typedef {{kind: string, layer: number | null, text: string, suggestion: string, change: {path:
 *   string, value: any} | null, cause: Cause | null}} Alarm
 */
/** @typedef {{text: string, suggestion: SmallerRate}} Cause of what an alarm says */
/** @typedef {{set: string, to: number}} SmallerRate a field of the recipe and its new value */
/**
 * The output over a grid of two features, rows follow y; or over one feature.
 * @typedef {{kind: "classes", axes: number[], x: Tensor, y: Tensor, z: Tensor,
 *   confidence?: Tensor}} ClassRegions z: position of the class, confidence: its output
 * @typedef {{kind: "binary" | "surface", axes: number[], x: Tensor, y: Tensor, z: Tensor}} Surface
 * @typedef {{kind: "curve", axes: number[], x: Tensor, z: Tensor}} FittedCurve
 * @typedef {ClassRegions | Surface | FittedCurve} Boundary
 */
/** @typedef {{name: string, train: number, test: Finite}} Score */
/**
 * @typedef {{step: number, epoch: number, batch: {size: number, rows?: number[]} | null,
 *   learning_rate: number, cost: {train: Finite, test: Finite}, score: Score | null,
 *   layers: Layer[], input: ArrayLike<number>, output: ArrayLike<number>,
 *   curves: Record<string, Tensor> | null, boundary?: Boundary, alarms?: Alarm[],
 *   diverged: {step: number, text: string, suggestion: SmallerRate | null} | null
 *   }} Frame
 */

/**
 * @typedef {{id: string, symbol: Formula, label: string, spoken: string, about: string,
 *   axes: string[], shape: number[], value: Nested, left_out?: boolean}} Given
 */
/**
 * @typedef {Given & {phase: string, op: string, layer: number | null, of: string | null,
 *   inputs: string[], formula: Formula, text: string, signature: string, entry: string}} Line
 */
/**
 * @typedef {{step: number, rows: number[], convention: string, reduction: string, fused: boolean,
 *   activations: string[], batch: number | null, cost: number, givens: Given[], lines: Line[],
 *   gradients: {dC_dW: Nested, dC_db: Nested}[], verification: Verification | null}} Trace
 */

/**
 * @typedef {{name: string, title: string, default: number, min: number, max: number,
 *   integer: boolean}} Parameter of an entry, with its bounds
 * @typedef {{name: string, title: string, description?: string, parameters?: Parameter[]}} Entry
 *   of a table of the catalog
 * @typedef {Entry & {task: string, features: number, classes: number}} DatasetEntry
 * @typedef {Entry & {task: string, classes: number, targets: number,
 *   dataset: {name: "uploaded", id: string}}} ProvidedDataset a table that the server provides
 * @typedef {Entry & {default_reduction?: string, tasks?: string[], suits?: string[]}} CostEntry
 * @typedef {Entry & {default_learning_rate?: number}} OptimizerEntry
 */
/** @typedef {{name: string, title: string, description: string, better: string | null}} Measure */
/**
 * @typedef {{datasets: DatasetEntry[], provided_datasets: ProvidedDataset[],
 *   activations: (Entry & {range: (number | null)[]})[], costs: CostEntry[],
 *   reductions: Entry[], optimizers: OptimizerEntry[], schedules: Entry[], initializers: Entry[],
 *   conventions: Entry[], operations: Entry[], misconceptions: Entry[], measures: Measure[],
 *   limits: Record<string, number>}} Catalog
 */

/**
 * @typedef {{verdict: "correct" | "follows" | "wrong" | "missing",
 *   max_relative_error: number | null, misconception: string | null, entries: Nested}} Mark of one
 *   line by the checker
 */
/**
 * @typedef {{layer: number, activation: string}} LayerActivation layer: from 1
 * @typedef {{misconception: string, lines: string[], message: string, alternative: boolean,
 *   certainty: "all_lines" | "one_of_several" | "some_lines",
 *   activations: LayerActivation[]}} Diagnosis activations: other ones than the given, if that is
 *   the mistake
 */
/** @typedef {{kind: string, message: string, line?: string, factor?: number}} Note */
/**
 * @typedef {{verdict: "correct" | "wrong" | "incomplete", first_wrong: string | null,
 *   summary: string, diagnoses: Diagnosis[], lines: Record<string, Mark>, notes: Note[]}} Check
 */
/**
 * Cuts through the cost around the parameters of a step.
 * @typedef {{t: Finite, off: Finite, cost_train: Finite, cost_batch: Finite}} LineUpdate
 *   t: the nearest point of the line; off: distance from it as a share of the update's length
 * @typedef {{of: "train" | "batch", gradient_norm: Finite, t: number[], cost_train: Finite[],
 *   cost_batch: Finite[], update: LineUpdate}} Direction costs at θ − t ∂C/∂θ
 * @typedef {{kind: "gradient", step: number, samples: number, learning_rate: number,
 *   cost: {train: Finite, batch: Finite}, directions: Direction[]}} GradientSlice
 * @typedef {{x: Finite, y: Finite, cost: Finite}} PlanePoint
 * @typedef {{step: number[], x: number[], y: number[], off: number[]}} PlanePath
 * @typedef {{kind: "plane" | "weights", step: number, samples: number, axes: string[], x: number[],
 *   y: number[], cost: Finite[][], here: PlanePoint, update: PlanePoint & {off: Finite},
 *   path: PlanePath | null, seed?: number}} PlaneSlice rows of cost follow y
 * @typedef {GradientSlice | PlaneSlice} SliceAnswer
 */

/**
 * What each sample of the batch adds to the gradient of one layer.
 * @typedef {{step: number, layer: number, rows: number[],
 *   entry: {name: string, parts: number[], sum: number},
 *   gradient: {dC_dW: number[][], dC_db: number[]},
 *   hardest: {index: number, row: number, norm: number} | null}} Shares
 */

/**
 * @typedef {{target?: string | null, features?: string[] | null, task?: string | null,
 *   header?: boolean | null, incomplete?: string | null}} TableChoices how to read a table;
 *   null: as the server suggests
 */
/**
 * @typedef {{name: string, kind: "number" | "text", role: "feature" | "target" | "left out"}}
 *   TableColumn
 * @typedef {Record<string, any> & {name: string}} DatasetRecipe
 * @typedef {{id: string, columns: TableColumn[], task: "classification" | "regression",
 *   classes: string[], rows: number, left_out: number[], preview: string[][], header: boolean,
 *   dataset: DatasetRecipe, points: DatasetRecipe | null}} TableAnswer of an uploaded table
 */

/**
 * @typedef {{max_relative_error: Finite, tolerance: number, passed: boolean,
 *   by_line: Record<string, number | string | null>}} GradientCheck
 * @typedef {{autograd: GradientCheck, finite_differences: GradientCheck}} Verification
 */
export {};
