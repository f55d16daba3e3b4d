"""Experiments are immutable recipes; a frame is a pure function of (recipe, step)."""
