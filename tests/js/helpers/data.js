/** Data as the page has them, small. */

const part = (x, target) => ({ x, target, rows: x.map((_, k) => k) });
const NONE = { feature_mean: [0, 0], feature_scale: [1, 1], target_mean: 0, target_scale: 1 };

/** Two classes in the plane. */
export const CLASSES = {
  task: "classification",
  features: ["width", "height"],
  classes: ["A", "B"],
  target_name: "kind",
  image_shape: null,
  train: part(
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
    [0, 1, 1],
  ),
  test: part([[1, 1]], [0]),
  ...NONE,
};

/** One feature and a number. */
export const CURVE = {
  ...CLASSES,
  task: "regression",
  features: ["x"],
  classes: [],
  train: part([[-1], [0], [1]], [1, 0, 1]),
  test: part([], []),
  feature_mean: [10],
  feature_scale: [2],
  target_mean: 5,
  target_scale: 2,
};

export const tensor = (data, ...shape) => ({ data, shape: shape.length ? shape : [data.length] });

/** Regions of two classes on a grid of 2 × 2. */
export const BINARY = {
  kind: "binary",
  axes: [0, 1],
  x: tensor([0, 1]),
  y: tensor([0, 1]),
  z: tensor([0, 0.5, 0.5, 1], 2, 2),
};
export const FITTED = { kind: "curve", axes: [0], x: tensor([-1, 1]), z: tensor([0.5, 1e9]) };
