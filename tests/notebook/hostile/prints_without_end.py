# 2: time limit
from right import backprop

while True:
    print("correct" * 10000)
