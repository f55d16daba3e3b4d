# 2: not finished after
def backprop(layers, x, target):
    return sum(range(10**15))
