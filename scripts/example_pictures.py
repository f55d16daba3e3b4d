"""Write the small pictures of the examples from the data themselves.

All are in one file, ``static/examples.svg``: ``examples.svg#moons`` is one of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backprop_explorer.datasets import DATASETS

FILE = Path(__file__).resolve().parent.parent / "static" / "examples.svg"
WIDTH, HEIGHT, EDGE = 60, 36, 4
COLOURS = ("#d2691a", "#3a86c8", "#3a9a68")  # seen on light and on dark paper
SCATTERED = {
    "moons": (70, {"noise": 0.12}),
    "xor": (64, {}),
    "spirals": (110, {}),
    "blobs": (66, {}),
}


def placed(values: np.ndarray, size: int) -> np.ndarray:
    """``values`` as pixels of a picture of ``size``, with an edge."""
    low, high = values.min(), values.max()
    return EDGE + (values - low) / (high - low) * (size - 2 * EDGE)


def scatter(name: str, rows: int, changes: dict[str, float]) -> str:
    """The points of a classification set in the colours of their classes."""
    dataset = DATASETS[name]
    usual = {each.name: each.default for each in dataset.parameters}
    made = dataset.make(seed=0, **{**usual, "samples": rows, **changes})
    across = placed(made.features[:, 0], WIDTH)
    up = HEIGHT - placed(made.features[:, 1], HEIGHT)
    return "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="{COLOURS[k]}"/>'
        for x, y, k in zip(across, up, made.target, strict=True)
    )


def curve() -> str:
    """Runge's function with its points."""
    x = np.linspace(-1, 1, 61)
    y = 1 / (1 + 25 * x**2)
    line = " ".join(
        f"{a:.1f},{HEIGHT - b:.1f}"
        for a, b in zip(placed(x, WIDTH), placed(y, HEIGHT), strict=True)
    )
    return f'<polyline points="{line}" fill="none" stroke="{COLOURS[1]}" stroke-width="2.2"/>'


def digit() -> str:
    """The first handwritten digit, pixel by pixel."""
    image = DATASETS["digits"].make(seed=0).features[0].reshape(8, 8)
    side = (HEIGHT - 2) / 8
    left = (WIDTH - 8 * side) / 2
    return "".join(
        f'<rect x="{left + column * side:.2f}" y="{1 + row * side:.2f}" width="{side:.2f}" '
        f'height="{side:.2f}" fill="#808080" fill-opacity="{value / 16:.2f}"/>'
        for (row, column), value in np.ndenumerate(image)
        if value
    )


def main() -> None:
    """Write all pictures."""
    drawn = {name: scatter(name, *given) for name, given in SCATTERED.items()}
    drawn |= {"runge": curve(), "digits": digit()}
    parts = [
        f'<view id="{name}" viewBox="0 {HEIGHT * k} {WIDTH} {HEIGHT}"/>'
        f'<g transform="translate(0 {HEIGHT * k})">{content}</g>'
        for k, (name, content) in enumerate(drawn.items())
    ]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT * len(drawn)}"'
    FILE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>\n')


if __name__ == "__main__":
    main()
