# 2: ended by a signal
import os
import signal

from right import backprop

while True:
    os.kill(os.getppid(), signal.SIGINT)
