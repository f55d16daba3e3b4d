/**
 * @param {ArrayLike<number>} data flat, row by row @param {number} rows @param {number} columns @param {number} [times]
 * @returns {Float32Array[]}
 */
export function tensorRows(data, rows, columns, times = 1) {
  const out = new Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = new Float32Array(columns);
    for (let j = 0; j < columns; j++) row[j] = data[i * columns + j] * times;
    out[i] = row;
  }
  return out;
}
