"""Backpropagation in NumPy: networks, costs, optimizers, and traces with every intermediate value.

This package does not depend on data sets, experiments or the web.
"""
