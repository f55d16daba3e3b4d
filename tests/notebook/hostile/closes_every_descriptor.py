# 2: the process of the check
import os

from right import backprop

os.closerange(0, 256)
