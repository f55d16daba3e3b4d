/**
 * Types of what panels of the explorer are given. Only types: nothing loads this file.
 *
 * `Plotly` is any: its functions take attributes, which have no types here.
 */

/**
 * @typedef {{store: Store, api: Api, painter: Painter, session: Session, player: Player, undo:
 *   import("../state/undo.js").Undo, comparison: import("../server/comparison.js").Comparison,
 *   hold: import("../state/hold.js").Holding}} Services
 */
/**
 * Ways to another experiment. `change` waits until nothing is typed any more, unless `now`;
 * `begin` does not wait. Both show step 0.
 * @typedef {{change: (recipe: Recipe, now?: boolean) => void,
 *   begin: (recipe: RecipePart) => Promise<boolean>}} Changes
 */
/** @typedef {{Plotly: Plotly}} Plots */
/**
 * Make data the experiment's: `points` or `uploaded`; classes null: a regression; targets: numbers
 * that it predicts. The answer is the server's objection, or null.
 * @typedef {(dataset: DatasetRecipe, classes: number | null, targets?: number) => Promise<string |
 *   null>} UseData
 */
/**
 * @typedef {Pick<Services, "store" | "painter" | "session" | "player" | "undo" | "api"> & Plots}
 *   FigureServices
 * @typedef {{section: HTMLElement, tools: HTMLElement}} Place of a figure in the dock; tools: for
 *   the controls in its head
 */
export {};
