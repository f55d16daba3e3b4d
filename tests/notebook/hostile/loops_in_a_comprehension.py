# 2: after
import itertools


def backprop(layers, x, target):
    return [0 for _ in itertools.count() if False]
