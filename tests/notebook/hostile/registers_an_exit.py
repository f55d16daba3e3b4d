# 2: SystemExit
import atexit
import os
import sys

from right import backprop

atexit.register(os._exit, 0)
sys.exit(1)
