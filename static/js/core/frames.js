/**
 * A frame without a boundary and responses, completed with those on screen.
 * @param {Frame} frame
 * @param {Frame | null} shown
 * @returns {Frame}
 */
export const withResponses = (frame, shown) => ({
  ...frame,
  boundary: frame.boundary ?? shown?.boundary,
  layers: frame.boundary
    ? frame.layers
    : frame.layers.map((layer, k) => ({ ...layer, map: shown?.layers[k]?.map })),
});
