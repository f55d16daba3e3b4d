/**
 * A flat matrix as rows for a heat map. Blocks of entries that would be smaller than a pixel are
 * drawn as one, the largest in magnitude, so that nothing that matters disappears. Missing numbers
 * are 0.
 * @param {ArrayLike<number>} data
 * @param {number} rows
 * @param {number} columns
 * @param {number} times
 * @param {number} most
 * @returns {Float32Array[]}
 */
export function pooledRows(data, rows, columns, times, most) {
  const [height, width] = [Math.min(rows, most), Math.min(columns, most)];
  const out = Array.from({ length: height }, () => new Float32Array(width));
  for (let i = 0; i < rows; i++) {
    const row = out[Math.floor((i * height) / rows)];
    for (let j = 0; j < columns; j++) {
      const value = (data[i * columns + j] ?? 0) * times;
      const k = Math.floor((j * width) / columns);
      if (Math.abs(value) > Math.abs(row[k])) row[k] = value;
    }
  }
  return out;
}
