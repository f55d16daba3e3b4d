# 2: time
from right import backprop

while True:
    pass
