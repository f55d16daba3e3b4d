# 2: after
import time


def backprop(layers, x, target):
    time.sleep(1000)
