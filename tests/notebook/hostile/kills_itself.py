# 2: signal 9
import os
import signal

from right import backprop

os.kill(os.getpid(), signal.SIGKILL)
