"""The Python API for notebooks and scripts; ``backprop_explorer`` exports its public names."""
