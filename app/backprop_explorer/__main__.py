"""``python -m backprop_explorer`` is the command ``backprop-explorer``."""

import sys

from backprop_explorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
