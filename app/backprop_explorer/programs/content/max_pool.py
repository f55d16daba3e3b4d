"""Max pooling with windows that overlap."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def maxpool(x, target):
    H, W = x.shape[0] - 1, x.shape[1] - 1
    y = np.zeros((H, W))
    for i in range(H):
        for j in range(W):
            y[i, j] = x[i : i + 2, j : j + 2].max()
    C = ((y - target) ** 2).mean()
    return C


def data(rng, H, W):
    # Different numbers: with two equal ones in a window there are several right gradients.
    values = rng.permutation(2 * H * W)[: H * W] - H * W
    return {"x": values.reshape(H, W) / 10, "target": rng.normal(size=(H - 1, W - 1)).round(1)}


PROGRAM = ReadyProgram(
    name="max_pool",
    title="max pool",
    topic="layers",
    tag="overlap",
    place=20,
    description="Only the largest entry of a window gets the gradient; windows may overlap.",
    text="The windows are 2×2 and move by 1, so one entry can be the largest of up to four"
    " windows. Then the gradients of these windows add up; an entry that is never the largest gets"
    " 0.",
    shapes="{H}×{W}, size 2, stride 1",
    picture=(("x",), ("y[i=2, j=2]",)),
    function=maxpool,
    data=data,
    wrt=("x",),
    axes={"x": ("row", "column"), "target": ("row", "column")},
    sizes=(size("H", "rows", 4, 2, 6), size("W", "columns", 4, 2, 6)),
)
