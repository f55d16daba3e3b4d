/** Numbers that were marked on the check page, for the explorer of the same tab. */

/** The key of the session's store. */
export const MINE = "backprop-explorer.mine";
