# 2: KeyboardInterrupt
from right import backprop

raise KeyboardInterrupt
