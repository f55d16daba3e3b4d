/**
 * Types of what the server takes and answers: those of the OpenAPI document, as `make wire` writes
 * them, with the page's names and the form in which the page asks for them: arrays are lists, of a
 * frame unpacked. Only types: nothing loads this file.
 *
 * `any` is used for values whose type a name in the same object decides (the parameters of a data
 * set, the value of a setting), and for arrays of numbers nested to any depth.
 */

/** @typedef {import("../../../scripts/js/openapi/api.js").components["schemas"]} Schemas */
/** @typedef {any} Nested a number, or lists of numbers nested to the depth of a shape */
/** @typedef {number | null} Finite null: the number is not finite */
/** @typedef {import("./decode.js").Tensor} Tensor */
/**
 * T with A in place of arrays that the server writes as lists or as typed arrays.
 * @template T, A
 * @typedef {[Extract<T, Schemas["TypedArray"]>] extends [never]
 *   ? T extends object ? {[K in keyof T]: Arrays<T[K], A>} : T
 *   : A | Extract<T, null>} Arrays
 */
/**
 * T with lists in place of the same.
 * @template T
 * @typedef {T extends Schemas["TypedArray"] ? never
 *   : T extends object ? {[K in keyof T]: Lists<T[K]>} : T} Lists
 */
/**
 * T with U in place of the fields of the same names.
 * @template T, U
 * @typedef {Omit<T, keyof U> & U} With
 */

/** @typedef {Schemas["Formula"]} Formula */
/** @typedef {With<Schemas["Edit"], {to: any}>} Edit */
/** @typedef {Record<string, any> & {name: string}} DatasetRecipe */
/**
 * @typedef {With<Required<Schemas["Recipe"]>, {dataset: DatasetRecipe, edits: Edit[]}>} Recipe
 * @typedef {{[K in keyof Recipe]?: Recipe[K] extends any[] ? Recipe[K] : Partial<Recipe[K]>}}
 *   RecipePart what it leaves out, the server fills in
 * @typedef {With<Omit<Schemas["ExperimentAnswer"], "experiment">, {recipe: Recipe}>} Experiment
 */
/**
 * @typedef {With<Lists<Schemas["DataPart"]>, {target: number[], targets?: number[][]}>} Part
 * `target` is the first of several `targets`
 */
/** @typedef {With<Lists<Schemas["DataAnswer"]>, {train: Part, test: Part}>} Data */

/** @typedef {Schemas["Histogram"]} Histogram */
/** @typedef {Schemas["Suggestion"]} SmallerRate */
/**
 * @typedef {"W" | "b" | "dC_dW" | "dC_db"} Parameters which the page always asks for
 * @typedef {With<Arrays<Schemas["FrameLayer"], Tensor>, Record<Parameters, Tensor> & {
 *   neurons: Record<string, ArrayLike<number> | null>, map?: Tensor | null}>} Layer of a frame
 */
/** @typedef {Required<Arrays<Schemas["Boundary"], Tensor>>} Grid */
/**
 * The output over a grid of two features, rows follow y; or over one feature.
 * @typedef {With<Grid, {kind: "classes"}>} ClassRegions
 * @typedef {With<Omit<Grid, "confidence">, {kind: "binary" | "surface"}>} Surface
 * @typedef {With<Omit<Grid, "confidence" | "y">, {kind: "curve"}>} FittedCurve
 * @typedef {ClassRegions | Surface | FittedCurve} Boundary
 */
/**
 * @typedef {With<Arrays<Schemas["FrameAnswer"], Tensor>, {layers: Layer[], boundary?: Boundary,
 *   input: ArrayLike<number>, output: ArrayLike<number>}>} Frame
 */

/**
 * What answers without formulas leave out; the page then keeps what it has.
 * @typedef {"label" | "spoken" | "about" | "axes" | "quantity" | "of"} Described
 * @typedef {Required<Pick<Schemas["TraceLine"], Described>>} Description
 */
/** @typedef {With<Arrays<Schemas["TraceGiven"], Nested>, Description>} Given */
/** @typedef {With<Arrays<Schemas["TraceLine"], Nested>, Description>} Line */
/**
 * @typedef {With<Arrays<Schemas["FrameTraceAnswer"], Nested>, {lines: Line[], givens: Given[]}>}
 *   Trace
 */

/** @typedef {Schemas["Entry"] & {parameters?: Schemas["CatalogParameter"][]}} Entry of a table */
/** @typedef {Schemas["CatalogMeasure"]} Measure */
/** @typedef {Schemas["CatalogAnswer"]} Catalog */
/** @typedef {Schemas["MarkedLine"]} Mark */
/** @typedef {Schemas["LayerActivation"]} LayerActivation */
/** @typedef {Schemas["CheckDiagnosis"]} Diagnosis */
/** @typedef {Schemas["CheckNote"]} Note */
/** @typedef {Schemas["CheckAnswer"]} Check */
/** @typedef {With<Schemas["ParsedArray"], {value: Nested, decimal?: Nested}>} ParsedArray */
/** @typedef {With<Schemas["ParseAnswer"], {arrays: ParsedArray[]}>} Parsed printed text, read */
/** @typedef {Lists<Schemas["Direction"]>} Direction */
/** @typedef {Lists<Schemas["GradientSlice"]>} GradientSlice */
/** @typedef {Lists<Schemas["PlaneSlice"] | Schemas["WeightsSlice"]>} PlaneSlice */
/** @typedef {GradientSlice | PlaneSlice} SliceAnswer */
/** @typedef {Lists<With<Schemas["SharesAnswer"], {entry: Schemas["EntryParts"]}>>} Shares */
/** @typedef {Partial<Omit<Schemas["Upload"], "csv">>} TableChoices how to read a table; left out or
 *   null: as the server suggests */
/** @typedef {Schemas["DatasetAnswer"]} TableAnswer */
/** @typedef {Schemas["GradientCheck"]} GradientCheck */
/** @typedef {Schemas["Verification"]} Verification */
export {};
