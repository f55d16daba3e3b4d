"""A program checked against the gradient of its own forward pass."""
