"""The functions of the solution notebook, with the two repairs that its print needs.

Its print shows ``*2`` for ``**2`` in ``sigmoid_der``, and ``[()]`` for ``[()`` in a comprehension.
Exercises 3 and 4 are cells there; here each is a function.
"""

SOURCE = """\
import autograd.numpy as np

def ReLU(z):
    return np.where(z > 0, z, 0)

# Derivative of the ReLU function
def ReLU_der(z):
    return np.diag(np.where(z > 0, 1, 0))

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def mse(predict, target):
    return np.mean((predict - target) ** 2)

# Exercise 2b)
def feed_forward_one_layer(W, b, x):
    z = W @ x + b
    a = sigmoid(z)
    return a

def cost_one_layer(W, b, x, target):
    predict = feed_forward_one_layer(W, b, x)
    return mse(predict, target)

def mse_der(predict, target):
    return 2/len(predict) * (predict - target).T

def sigmoid_der(z):
    return np.diag(np.exp(-z) / (1 + np.exp(-z))**2)

# Exercise 3
def exercise_3(W, b, x, target):
    z = W @ x + b
    a = sigmoid(z)
    dz_dW = np.tensordot(np.eye(len(target)), x, axes=0)
    dz_db = np.ones(len(b))
    dC_da = mse_der(a, target)
    dC_dz = dC_da @ sigmoid_der(z)
    dC_dW = dC_dz @ dz_dW
    dC_db = dC_dz * dz_db
    return dC_dW, dC_db

# Exercise 4
def exercise_4(layers, x, target):
    (W1, b1), (W2, b2) = layers
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = W2 @ a1 + b2
    a2 = sigmoid(z2)
    dC_da2 = mse_der(a2, target) # OK
    dC_dz2 = dC_da2 @ sigmoid_der(z2) # check vector as exponent
    dC_dW2 = dC_dz2 @ np.tensordot(np.eye(len(z2)), a1, axes=0)
    dC_db2 = dC_dz2 # deriv wrt b2 is 1
    dC_da1 = dC_dz2 @ W2 # OK
    dC_dz1 = dC_da1 @ sigmoid_der(z1) # check vector as exponent
    dC_dW1 = dC_dz1 @ np.tensordot(np.eye(len(z1)), x, axes=0) # OK
    dC_db1 = dC_dz1 # deriv wrt b1 is 1
    return [(dC_dW1, dC_db1), (dC_dW2, dC_db2)]

# Exercise 4d)
def feed_forward_two_layers(layers, x):
    W1, b1 = layers[0]
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)

    W2, b2 = layers[1]
    z2 = W2 @ a1 + b2
    a2 = sigmoid(z2)

    return a2

def cost_two_layers(layers, x, target):
    predict = feed_forward_two_layers(layers, x)
    return mse(predict, target)

def feed_forward(input, layers, activation_funcs):
    a = input
    for (W, b), activation_func in zip(layers, activation_funcs):
        z = W @ a + b
        a = activation_func(z)
    return a

def cost(layers, input, activation_funcs, target):
    predict = feed_forward(input, layers, activation_funcs)
    return mse(predict, target)

def feed_forward_saver(input, layers, activation_funcs):
    layer_inputs = []
    zs = []
    a = input
    for (W, b), activation_func in zip(layers, activation_funcs):
        layer_inputs.append(a)
        z = W @ a + b
        a = activation_func(z)

        zs.append(z)

    return layer_inputs, zs, a

# Exercise 5a)
def backpropagation(
    input, layers, activation_funcs, target, activation_ders, cost_der=mse_der
):
    layer_inputs, zs, predict = feed_forward_saver(input, layers, activation_funcs)

    layer_grads = [() for layer in layers]

    # We loop over the layers, from the last to the first
    for i in reversed(range(len(layers))):
        layer_input, z, activation_der = layer_inputs[i], zs[i], activation_ders[i]

        if i == len(layers) - 1:
            # For last layer we use cost derivative as dC_da(L) can be computed directly
            dC_da = cost_der(predict, target)
        else:
            # For other layers we build on previous z derivative
            (W, b) = layers[i + 1]
            dC_da = dC_dz @ W

        dC_dz = dC_da @ activation_der(z)
        dC_dW = dC_dz @ np.tensordot(np.eye(len(z)), layer_input, axes=0)
        dC_db = dC_dz # deriv wrt b is 1

        layer_grads[i] = (dC_dW, dC_db)

    return layer_grads

# Exercise 6
def feed_forward_batch(inputs, layers, activation_funcs):
    a = inputs
    for (W, b), activation_func in zip(layers, activation_funcs):
        z = a @ W + b
        a = activation_func(z)
    return a

def cost_batch(layers, inputs, activation_funcs, target):
    predict = feed_forward_batch(inputs, layers, activation_funcs)
    return np.sum(-target * np.log(predict)) # NOT THE CORRECT COST FUNCTION

def feed_forward_saver_batch(inputs, layers, activation_funcs):
    layer_inputs = []
    zs = []
    a = inputs
    for (W, b), activation_func in zip(layers, activation_funcs):
        layer_inputs.append(a)
        z = a @ W + b
        a = activation_func(z)

        zs.append(z)

    return layer_inputs, zs, a

def backpropagation_batch(
    input, layers, activation_funcs, target, activation_ders, cost_der=mse_der
):
    layer_inputs, zs, predict = feed_forward_saver_batch(input, layers, activation_funcs)

    layer_grads = [() for layer in layers]

    # We loop over the layers, from the last to the first
    for i in reversed(range(len(layers))):
        layer_input, z, activation_der = layer_inputs[i], zs[i], activation_ders[i]

        if i == len(layers) - 1:
            # For last layer we use cost derivative as dC_da(L) can be computed directly
            dC_da = cost_der(predict, target)
        else:
            # For other layers we build on previous z derivative
            (W, b) = layers[i + 1]
            dC_da = dC_dz @ W

        print(dC_da)
        print(activation_der(z))
        dC_dz = dC_da @ activation_der(z)
        dC_dW = dC_dz @ np.tensordot(np.eye(len(z)), layer_input, axes=0)
        dC_db = dC_dz # deriv wrt b is 1

        layer_grads[i] = (dC_dW, dC_db)

    return layer_grads
"""
