"""Reads students' numbers, marks them, and names their mistakes. NumPy only."""
