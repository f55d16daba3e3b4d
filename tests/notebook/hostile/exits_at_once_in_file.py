# 2: exit status 0
import os

from right import backprop

os._exit(0)
