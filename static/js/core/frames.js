/**
 * A frame without a boundary and maps, completed with those on screen.
 * @param {Frame} frame
 * @param {Frame | null} shown
 * @returns {Frame}
 */
export const withMaps = (frame, shown) => ({
  ...frame,
  boundary: frame.boundary ?? shown?.boundary,
  layers: frame.boundary
    ? frame.layers
    : frame.layers.map((layer, k) => ({ ...layer, map: shown?.layers[k]?.map })),
});
