"""One ready program a file: its function, its data, and a ``PROGRAM`` that describes them."""
