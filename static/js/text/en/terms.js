/** Terms of the field, for the whole page. @satisfies {Texts} */
export const words = {
  all: "Words",
  here: "in this run",
  /**
   * Each has three lines: how it is written, with the name of the term first; two sentences; an
   * example with the run's numbers in braces, which is left out where the run lacks one of them.
   * Those of activations, costs and optimizers are the catalog's.
   */
  table: `
unit|units|neuron|neurons
One number of a layer. It adds up inputs times weights, then its activation follows.
unit {unit} of layer {layer}: z = {z}, a = {a}
layer|layers
Units that read the same numbers. Their weights are one matrix W.
layer {layer} has {units} units, each with {inputs} inputs
weight|weights
The number that an input is multiplied by. Training changes it.
from input 0 to unit {unit} of layer {layer}: {w}
bias|biases
The number that a unit adds to its sum. It is the weight of an input that is always 1.
of unit {unit} in layer {layer}: {b}
parameter|parameters
All weights and biases: the numbers that training changes.
this network has {parameters}
input|inputs
What a layer reads: the data for the first one, else the outputs of the layer before.
x = {x}
output|outputs|prediction|predictions
What the network says of a sample: the numbers of its last layer.
the output is {output}, the target {y}
target|targets
What the network should say of a sample. The cost compares the output with it.
y = {y}, and the output is {output}
sample|samples
One row of the data: one point with its target.
x = {x}, y = {y}
batch|batches
The samples of one update. Its gradient is made of theirs.
{perEpoch} updates of {batch} go through {samples} samples
epoch|epochs
One pass of the training through all its samples.
{perEpoch} updates; this is epoch {epoch}
update|updates
All weights and biases move once, against the gradient of a batch.
a weight of layer {layer}: {w} → {wNext}
learning rate|rate
How long a step is: it multiplies the gradient. Too large, and the cost grows.
η = {eta}
optimizer|optimizers
The rule that turns gradients into steps of the weights, such as gradient descent.
the learning rate is η = {eta}
activation|activations
The function that turns the sum z of a unit into its output a. It bends the line.
{f}: {z} → {a}
cost|costs
One number for how far the outputs are from the targets. Training makes it smaller.
C = {C}
gradient|gradients
How much the cost changes for a small change of a number, divided by that change.
∂C/∂z = {dz}: with z + 0.01 the cost changes by about {dz} · 0.01
error|errors
Of a unit: ∂C/∂z, how much the cost changes with its sum. It runs back through layers.
of unit {unit} in layer {layer}: ∂C/∂z = {dz}
slope|slopes|derivative|tangent
How much the output changes for a small change of the input. Steep: large; flat: near 0.
of {f} at z = {z}: {slope}
forward pass|forward|way forward
From the data to the cost: each layer reads the outputs of the one before.
x = {x} leads to {output}, and that to C = {C}
backward pass|backward|way back
From the cost to all gradients, by the chain rule, one layer after the other.
∂C/∂a = {da} times the slope {slope} is ∂C/∂z = {dz}
jacobian|jacobians
A table with one slope for each pair of an output and an input.
∂a/∂z in layer {layer} is {units}×{units}
autograd
A program that differentiates any NumPy code by itself. It checks each gradient here.

finite differences|difference quotient
A gradient measured: change one number a little, compute the cost again, and divide.
(C with z + h, minus C = {C}) / h is about {dz}
running mean
A mean in which older values count less and less: a part of it stays at each update.

velocity
What momentum keeps: a sum of gradients in which older ones count less and less.

penalty|L1|L2
A part of the cost that grows with the weights, so that they stay small.

accuracy
The share of the samples whose class the network names right.
{accuracy} of the training part
test|test part
Samples that are not trained on. They show whether the network has learned the rule.

scaling of the cost|scaling
Whether the costs of samples and outputs are added or averaged. All gradients follow it.

probability|probabilities
A number from 0 to 1. Those of all classes of a sample add up to 1.
the output is {output}
dead
A ReLU unit whose z is negative for every sample: its output and its gradient are 0.

saturated|saturates
A unit far out on a flat part of its activation: the slope there is almost 0.

convention
Whether vectors stand or lie, and which index of W counts the inputs.

`,
};
