# 2: signal 15
import os
import signal

from right import backprop

os.killpg(0, signal.SIGTERM)
