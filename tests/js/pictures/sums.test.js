test("a label that is too long keeps the last words of each name, else its end", () => {
  assert.equal(fitted("row 1", 100), "row 1");
  assert.equal(fitted("window row 1, window column 2", 120), "row 1, column 2");
  assert.equal(fitted("kernel and row and column 19", 60), "…olumn 19");
});
