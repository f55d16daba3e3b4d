"""Inverted dropout with a mask that is given."""

from backprop_explorer.programs.program import ReadyProgram, size


def dropout(x, W, mask, target):
    keep = 0.5
    scaled = mask / keep
    h = x * scaled
    y = h @ W
    C = ((y - target) ** 2).mean()
    return C


def data(rng, N, D):
    mask = (rng.random((N, D)) < 0.5).astype(float)
    return {
        "x": rng.normal(size=(N, D)).round(1),
        "W": rng.normal(size=(D, 2)).round(1),
        "mask": mask,
        "target": rng.normal(size=(N, 2)).round(1),
    }


PROGRAM = ReadyProgram(
    name="dropout",
    title="dropout",
    topic="layers",
    tag="mask",
    place=90,
    description="The mask that removes an entry on the way forward removes its gradient, too.",
    text="The entries that are kept are divided by 0.5, and so are their gradients. The mask is"
    " drawn once and given, so that the way back and the proof meet the same zeros.",
    shapes="{N}×{D}, half of it kept",
    picture=(("x", "mask"), ("h",), ("y",)),
    function=dropout,
    data=data,
    wrt=("x", "W"),
    axes={"x": ("sample", "feature"), "target": ("sample", "output")},
    sizes=(size("N", "samples", 4, 1, 8), size("D", "features", 4, 1, 8)),
)
