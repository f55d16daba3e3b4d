# 2: MemoryError
from right import backprop

kept = []
while True:
    kept.append(bytearray(2**26))
