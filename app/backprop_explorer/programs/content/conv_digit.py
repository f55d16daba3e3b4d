"""A small convolutional network on a handwritten digit of scikit-learn."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def convnet(x, K, b, W, c, digit):
    z = np.zeros((len(K), 6, 6))
    for i in range(6):
        for j in range(6):
            window = x[i : i + 3, j : j + 3]
            z[:, i, j] = (K * window).sum((1, 2)) + b
    a = np.maximum(z, 0)
    p = a.reshape(len(K), 3, 2, 3, 2).max((2, 4))
    s = p.ravel() @ W + c
    e = np.exp(s - s.max())
    y = e / e.sum()
    C = -np.log(y[digit])
    return C


def digits_file():
    # Not by load_digits: importing scikit-learn takes a second.
    return Path(find_spec("sklearn").origin).parent / "datasets" / "data" / "digits.csv.gz"


def data(rng, filters):
    rows = gzip.decompress(digits_file().read_bytes()).split()
    *pixels, digit = map(float, rows[rng.integers(len(rows))].split(b","))
    return {
        "x": np.reshape(pixels, (8, 8)) / 16,
        "K": rng.normal(scale=0.6, size=(filters, 3, 3)).round(1),
        # Below 0, so that a window of empty pixels gives a unit that is off, not a tie.
        "b": -rng.integers(1, 4, size=filters) / 10,
        "W": rng.normal(scale=0.4, size=(9 * filters, 10)).round(1),
        "c": np.zeros(10),
        "digit": int(digit),
    }


PROGRAM = ReadyProgram(
    name="conv_digit",
    title="conv net on a digit",
    topic="layers",
    tag="windows",
    place=10,
    description="A kernel slides over the image; its gradient is a sum over 36 places.",
    text="Each place multiplies the kernel with another window of the image, so the gradient of"
    " one weight adds up 36 products. Where the ReLU gives 0 or the pooling takes another pixel,"
    " the product is 0.",
    shapes="8×8 image, {filters} kernels 3×3",
    picture=(("x", "K"), ("z[i=5, j=5]",), ("p",), ("s",)),
    function=convnet,
    data=data,
    wrt=("x", "K", "b", "W", "c"),
    axes={
        "x": ("row", "column"),
        "K": ("kernel", "window row", "window column"),
        "b": ("kernel",),
        "z": ("kernel", "row", "column"),
        "p": ("kernel", "row", "column"),
        "c": ("class",),
    },
    sizes=(size("filters", "kernels", 3, 1, 4),),
    show={"x": "image", "y": "bars"},
)
