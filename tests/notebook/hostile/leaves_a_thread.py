# 1: wrong
import threading
import time

from wrong import backprop

threading.Thread(target=time.sleep, args=[1000]).start()
