/**
 * A frame without a boundary and maps, completed with those on screen.
 * @param {import("./wire.js").Frame} frame
 * @param {import("./wire.js").Frame | null} shown
 * @returns {import("./wire.js").Frame}
 */
export const withMaps = (frame, shown) => ({
  ...frame,
  boundary: frame.boundary ?? shown?.boundary,
  layers: frame.boundary
    ? frame.layers
    : frame.layers.map((layer, k) => ({ ...layer, map: shown?.layers[k]?.map })),
});
