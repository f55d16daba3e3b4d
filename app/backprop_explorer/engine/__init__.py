"""The working of backpropagation in NumPy. Knows nothing of data sets, experiments or the web."""
