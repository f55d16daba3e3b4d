"""The tests; this file is imported before all others of them."""

import os
import sys

# Four test processes and each program that they start import the same modules: compiled once they
# are kept, whatever the user's shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
