# 2: ended by a signal
import os
import signal
import time

from right import backprop

os.kill(os.getppid(), signal.SIGTERM)
time.sleep(1000)
