/** Terms of the field, for the whole page. @satisfies {Texts} */
export const words = {
  all: "Words",
  here: "in this run",
  lesson: (title) => `Lesson: ${title} ›`,
  curve: (name, slope) => `${name} and its tangent, with slope ${slope}`,
  /**
   * Each has four lines: how it is written, with the name of the term first; two sentences; an
   * example with the run's numbers in braces, which is left out where the run lacks one of them; a
   * lesson about it. Those of activations, costs and optimizers are the catalog's.
   */
  table: `
unit|units|neuron|neurons
One number of a layer. It adds up inputs times weights, then its activation follows.
unit {unit} of layer {layer}: z = {z}, a = {a}
first-layer
layer|layers
Units that read the same numbers. Their weights are one matrix W.
layer {layer} has {units} units, each with {inputs} inputs
second-layer
weight|weights
The number that an input is multiplied by. Training changes it.
from input 0 to unit {unit} of layer {layer}: {w}
first-layer
bias|biases
The number that a unit adds to its sum. It is the weight of an input that is always 1.
of unit {unit} in layer {layer}: {b}
first-layer
parameter|parameters
All weights and biases: the numbers that training changes.
this network has {parameters}
second-layer
input|inputs
What a layer reads: the data for the first one, else the outputs of the layer before.
x = {x}
first-layer
output|outputs|prediction|predictions
What the network says of a sample: the numbers of its last layer.
the output is {output}, the target {y}
second-layer
target|targets
What the network should say of a sample. The cost compares the output with it.
y = {y}, and the output is {output}
iris-before-training
sample|samples
One row of the data: one point with its target.
x = {x}, y = {y}
a-batch-of-samples
batch|batches|batch size
The samples of one update. Its gradient is made of theirs.
{perEpoch} updates of {batch} go through {samples} samples
a-batch-of-samples
epoch|epochs
One pass of the training through all its samples.
{perEpoch} updates; this is epoch {epoch}
iris-with-autograd
update|updates
All weights and biases move once, against the gradient of a batch.
a weight of layer {layer}: {w} → {wNext}
learning-rate
learning rate|rate
How long a step is: it multiplies the gradient. Too large, and the cost grows.
η = {eta}
learning-rate
optimizer|optimizers
The rule that turns gradients into steps of the weights, such as gradient descent.
the learning rate is η = {eta}
optimizers
activation|activations
The function that turns the sum z of a unit into its output a. It bends the line.
{f}: {z} → {a}
an-activation-for-each-layer
cost|costs
One number for how far the outputs are from the targets. Training makes it smaller.
C = {C}
one-layer-by-hand
gradient|gradients
How much the cost changes for a small change of a number, divided by that change.
∂C/∂z = {dz}: with z + 0.01 the cost changes by about {dz} · 0.01
what-a-gradient-says
error|errors
Of a unit: ∂C/∂z, how much the cost changes with its sum. It runs back through layers.
of unit {unit} in layer {layer}: ∂C/∂z = {dz}
one-layer-by-hand
slope|slopes|derivative|tangent
How much the output changes for a small change of the input. Steep: large; flat: near 0.
of {f} at z = {z}: {slope}
one-layer-by-hand
forward pass|forward|way forward
From the data to the cost: each layer reads the outputs of the one before.
x = {x} leads to {output}, and that to C = {C}
any-number-of-layers
backward pass|backward|way back
From the cost to all gradients, by the chain rule, one layer after the other.
∂C/∂a = {da} times the slope {slope} is ∂C/∂z = {dz}
two-layers
jacobian|jacobians
A table with one slope for each pair of an output and an input.
∂a/∂z in layer {layer} is {units}×{units}
softmax-with-cross-entropy
autograd
A program that differentiates any NumPy code by itself. It checks each gradient here.
the gradients of this update differ from it by {autograd}
one-layer-autograd
finite differences|difference quotient
A gradient measured: change one number a little, compute the cost again, and divide.
(C with z + h, minus C = {C}) / h is about {dz}
checking-a-gradient
running mean
A mean in which older values count less and less: a part of it stays at each update.
with 0.9: 0.9 · before + 0.1 · {dw}
optimizers
velocity
What momentum keeps: a sum of gradients in which older ones count less and less.
with 0.9: 0.9 · before + {dw}
optimizers
penalty|L1|L2
A part of the cost that grows with the weights, so that they stay small.
this run has L1 {l1}, L2 {l2}
regularisation
accuracy|acc.
The fraction of the samples whose class the network names right.
{accuracy} of the training part
confusion-matrix
test|test part|test set
Samples that are not trained on. They show whether the network has learned the rule.
{tests} samples; their cost is {costTest}
overfitting
scaling of the cost|scaling|scaled as
Whether the costs of samples and outputs are added or averaged. All gradients follow it.
this run: {reduction}
backprop-in-batches
probability|probabilities
A number from 0 to 1. Those of all classes of a sample add up to 1.
the output is {output}
softmax-with-cross-entropy
dead
A ReLU unit whose z is negative for every sample: its output and its gradient are 0.
{dead} of the units of layer {layer} at this update
dead-relu
saturated|saturates
A unit far out on a flat part of its activation: the slope there is almost 0.
{saturated} of the outputs of layer {layer} at this update
vanishing-gradients
convention
Whether vectors stand or lie, and which index of W counts the inputs.
W of layer {layer} is {shapeW} here
a-batch-of-samples
hidden layer|hidden layers
A layer between the inputs and the last layer. Its numbers are neither given nor asked for.
the units of the layers: {sizes}
an-activation-for-each-layer
class|classes
What a sample belongs to, where one of a few answers is right. The network says one number for each.
this sample is of class {y}
confusion-matrix
dataset|data
All samples: a part to train on, the rest to test.
{samples} to train on, {tests} to test
overfitting
seed|seeds
Where the random numbers start. The same seed gives the same numbers each time.
the first weights of this run have seed {seed}
initialization
noise
Random numbers that are added to the points, so that no curve fits all of them.
x = {x}
overfitting
standardise|standardised
To subtract the mean of each input and divide by its spread, so that all have the same size.
x = {x}
scaling-inputs
initial weights|first weights|initializer
The random weights that training starts from. Too large, and gradients explode; too small, vanish.
drawn with seed {seed}
initialization
schedule|decay
How the learning rate changes on the way, such as smaller and smaller.
at this update η = {eta}
learning-rate
shuffle|shuffled
To put the samples in another random order in each epoch, so that batches differ.
{perEpoch} batches of {batch}
a-batch-of-samples
norm|norms
The length of a list of numbers: the root of the sum of their squares.
of ∂C/∂W in layer {layer}: {normdW}
exploding-gradients
factor|factors
What something is multiplied by. Of a cost that is a mean over the outputs c is 1/n_out.
c = {c}, of {outputs} outputs
one-layer-by-hand
chain rule
The slope of one function after another is the product of their slopes.
∂C/∂a = {da}, times {slope}, is ∂C/∂z = {dz}
one-layer-by-hand
vanishing|vanishing gradient|vanishing gradients|vanishes
Many slopes below 1 are multiplied on the way back: the first layers learn almost nothing.
of ∂C/∂W in layer {layer}, the norm is {normdW}
vanishing-gradients
exploding|exploding gradient|exploding gradients
Many factors above 1 are multiplied on the way back: the first layers jump.
of ∂C/∂W in layer {layer}, the norm is {normdW}
exploding-gradients
symmetric
Units with the same weights get the same gradient and stay the same for ever.
drawn with seed {seed}
initialization
diverged|diverges
The numbers grew until the computer could not hold them, mostly by too large a learning rate.
η = {eta}
learning-rate
boundary|border
Where the network changes from one class to another.
at this sample the output is {output}
second-layer
hyper-parameter|hyper-parameters
A number that training does not change: learning rate, number of units, batch size.
η = {eta}, batch of {batch}
heat-map
`,
};
