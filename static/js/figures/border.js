/** The border between two classes as a line: where the output of a grid passes a level. */

/**
 * Marching squares.
 * @param {ArrayLike<number>} z rows from below @param {number} columns @param {number} rows
 * @param {(column: number, row: number) => [number, number]} place pixels of a point of the grid
 * @param {number} [level]
 * @returns {string} path of an SVG
 */
export function borderPath(z, columns, rows, place, level = 0.5) {
  let d = "";
  /** Where the level is passed between two points. @param {number[]} p @param {number[]} q */
  const between = ([c0, r0], [c1, r1]) => {
    const [a, b] = [z[r0 * columns + c0], z[r1 * columns + c1]];
    const part = (level - a) / (b - a);
    const [x, y] = place(c0 + part * (c1 - c0), r0 + part * (r1 - r0));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [
        [c, r],
        [c + 1, r],
        [c + 1, r + 1],
        [c, r + 1],
      ];
      const above = corners.map(([x, y]) => z[y * columns + x] > level);
      const crossed = corners.flatMap((corner, k) =>
        above[k] === above[(k + 1) % 4] ? [] : [between(corner, corners[(k + 1) % 4])],
      );
      for (let k = 0; k + 1 < crossed.length; k += 2) d += `M${crossed[k]}L${crossed[k + 1]}`;
    }
  return d;
}

/**
 * The border, or the fitted curve, in a box of this size.
 * @param {Boundary} boundary @param {number} width @param {number} height
 * @param {number[]} [range] of the vertical axis of a curve
 */
export function linePath({ kind, ...grid }, width, height, range = [0, 1]) {
  const { data, shape } = grid.z;
  /** @param {number} value @param {number} k */
  const at = (value, k) => {
    const up = (value - range[0]) / (range[1] - range[0]);
    return `${((width * k) / (data.length - 1)).toFixed(1)} ${(height * (1 - up)).toFixed(1)}`;
  };
  if (kind === "curve") return `M${Array.from(data, at).join("L")}`;
  const [rows, columns] = shape;
  return kind === "binary"
    ? borderPath(data, columns, rows, (c, r) => [
        (width * c) / (columns - 1),
        height * (1 - r / (rows - 1)),
      ])
    : "";
}
