# 1: wrong
import os

from wrong import backprop

if os.fork():
    os._exit(0)
