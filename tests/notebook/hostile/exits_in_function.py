# 2: it ends the program (SystemExit)
import sys


def backprop(layers, x, target):
    sys.exit(0)
