"""What a program hands back: gradients in any container, updated weights, a history, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_explorer as bx
from tests.corpus.code.program import load
from tests.helpers.cases import every_nth

SOURCE = """\
import numpy as np
from dataclasses import dataclass
def sig(z): return 1/(1+np.exp(-z))
def core(layers, x, y):
    (W1,b1),(W2,b2)=layers
    z1=x@W1+b1; a1=np.tanh(z1)
    z2=a1@W2+b2; a2=sig(z2)
    dz2=2/y.size*(a2-y)*a2*(1-a2)
    dz1=np.multiply(np.matmul(dz2,W2.T),1-a1**2)
    return (x.T@dz1,dz1.sum(0),a1.T@dz2,dz2.sum(0)),a2
def updated(layers,x,y,lr=0.1):
    g,_=core(layers,x,y)
    (W1,b1),(W2,b2)=layers
    W1=W1-lr*g[0]; b1=b1-lr*g[1]; W2=W2-lr*g[2]; b2=b2-lr*g[3]
    return [(W1,b1),(W2,b2)]
def inplace(layers,x,y,lr=0.1):
    g,_=core(layers,x,y)
    for k,p in enumerate(p for l in layers for p in l): p -= lr*g[k]
def epochs(layers,x,y):
    hist=[]
    layers=[(W.copy(),b.copy()) for W,b in layers]
    for e in range(3):
        g,a2=core(layers,x,y)
        hist.append(float(np.mean((a2-y)**2)))
        for k,p in enumerate(p for l in layers for p in l): p -= 0.1*g[k]
    return hist
def epochs_w(layers,x,y):
    layers=[(W.copy(),b.copy()) for W,b in layers]
    for e in range(3):
        g,a2=core(layers,x,y)
        for k,p in enumerate(p for l in layers for p in l): p -= 0.1*g[k]
    return layers
def many(layers,x,y):
    g,a2=core(layers,x,y)
    return np.mean((a2-y)**2),a2,{'dW1':g[0],'db1':g[1],'dW2':g[2],'db2':g[3]}
def flat(layers,x,y):
    g,a2=core(layers,x,y)
    return np.concatenate([q.ravel() for q in g])
def nothing(layers,x,y):
    g,a2=core(layers,x,y)
    print(g)
def f32(layers,x,y):
    layers=[(W.astype(np.float32),b.astype(np.float32)) for W,b in layers]
    g,a2=core(layers,x.astype(np.float32),y.astype(np.float32))
    return g
def per_sample(layers,x,y):
    tot=None
    for i in range(len(x)):
        g,_=core(layers,x[i:i+1],y[i:i+1])
        tot=list(g) if tot is None else [t+q for t,q in zip(tot,g)]
    return [t/len(x) for t in tot]
def dicts(layers,x,y):
    g,a2=core(layers,x,y)
    return {'layer1':{'weights':g[0],'biases':g[1]},'layer2':{'weights':g[2],'biases':g[3]}}
def accuracy(layers,x,y):
    g,a2=core(layers,x,y)
    return float(np.mean((a2>0.5)==(y>0.5)))
def keepdims(layers,x,y):
    g,a2=core(layers,x,y)
    return g[0],g[1][None],g[2],g[3][None]
def norm(layers,x,y):
    g,a2=core(layers,x,y)
    return [float(np.linalg.norm(q)) for q in g]
"""
FUNCTIONS = (
    *("updated", "inplace", "epochs", "epochs_w", "many", "flat", "nothing", "f32"),
    *("per_sample", "dicts", "accuracy", "keepdims", "norm"),
)
RNG = np.random.default_rng(2)
LAYERS = [
    (RNG.normal(size=(3, 4)), RNG.normal(size=4)),
    (RNG.normal(size=(4, 2)), RNG.normal(size=2)),
]
X, TARGET = RNG.normal(size=(5, 3)), RNG.random((5, 2))
WRONG = SOURCE.replace("1-a1**2", "1-a1")
LINE = SOURCE[: SOURCE.index("1-a1**2")].count("\n") + 1


def checked(source: str, function: str) -> bx.CodeCheck:
    names = load(source, f"<cell results {hash(source)}>")
    return bx.check_code(
        names[function], LAYERS, X, TARGET,
        layers=LAYERS, x=X, target=TARGET, activations=["tanh", "sigmoid"], convention="row",
    )  # fmt: skip


# What is wrongly taken for a mistake would be found before the mistake of the next test.
@pytest.mark.parametrize("function", every_nth(3, FUNCTIONS))
def test_a_right_program_is_right_whatever_it_returns(function: str) -> None:
    assert checked(SOURCE, function).verdict == "correct"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_mistake_is_found_whatever_it_returns(function: str) -> None:
    found = checked(WRONG, function)
    assert (found.verdict, found.first_wrong) == ("wrong", LINE), found
    assert found.diagnoses[0].misconception == "wrong_activation_derivative"
