# 2: SystemExit, line 6
import sys

from right import backprop

sys.exit(0)
