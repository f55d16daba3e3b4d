"""Backprop Explorer: every line of backpropagation, with its numbers and its proof."""

__version__ = "0.1.0"
