# 1: wrong
import os
import time
from pathlib import Path

from wrong import backprop

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1000)
    os._exit(0)
os.wait()
