"""Forward functions in the styles in which courses ask for them, written for these tests."""
