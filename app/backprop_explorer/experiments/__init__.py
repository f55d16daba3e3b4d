"""Experiments as immutable recipes, and frames as pure functions of (experiment, step)."""
