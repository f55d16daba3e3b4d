"""Each operation of NumPy: value and gradients of small programs against the plain program."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import erf, expit

from backprop_explorer.engine.ops import OPS
from backprop_explorer.proof import check_program
from backprop_explorer.record import from_json, record, to_json
from backprop_explorer.record.numpy_functions import status
from tests.helpers.entries import evaluate
from tests.record.plain import compare

RNG = np.random.default_rng(1)
A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
V, IDX = RNG.normal(size=4), np.array([0, 2, 2, 1])
POSITIVE = RNG.uniform(0.3, 1.5, size=(3, 2))
SQUARE = RNG.uniform(0.3, 1.5, size=(3, 3)) + 3 * np.eye(3)
NAMES = {"np": np, "expit": expit, "erf": erf, "math": math, "V": V, "idx": IDX}
# Programs whose lines have every entry that is written out.
OF_ONE = """exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal tanh sin cos tan sinh
cosh arcsin arccos arctan arcsinh arctanh absolute negative copy"""
OF_TWO = "add subtract multiply divide power maximum minimum logaddexp hypot arctan2"
ENTRIES = [
    *(f"np.sum(np.{name}(np.abs(x) * 0.5 + 0.1) * y)" for name in OF_ONE.split()),
    *(f"np.sum(np.{name}(np.abs(x), np.abs(y[0])) * y)" for name in OF_TWO.split()),
    *(f"np.sum(np.{name}(x, axis=1, keepdims=True) ** 2 * y)" for name in ("sum", "mean")),
    *(f"np.sum(np.{name}(x, axis=1) ** 2 * y[:, 0])" for name in ("sum", "mean")),
    "np.arccosh(2 + x * x).sum()",
    "np.clip(x, -0.5, 0.5).sum() + (x.T * y[:, :1]).sum()",
    "np.einsum('ij,jk->ik', x, y).prod() + np.tensordot(x, y, 1).sum()",
    "expit(x).sum() + erf(y).sum() + np.linalg.norm(x, axis=1).sum()",
]
# Programs of x and y, both (3, 4).
EXPRESSIONS = """
(x.T@y).sum()
np.outer(V,x[0]).sum()*1.0+ (x**2).sum()
np.sum(np.concatenate([x,y],axis=1)**2)
np.sum(np.concatenate((x,y))[1:5]**3)
(np.stack([x,y],axis=1)**2).sum()
(np.vstack([x,y])**2).sum()
(np.hstack([x,y])*np.arange(8)).sum()
(np.dstack([x,y])**2).sum()
(np.column_stack([x,y])**2).sum()
(np.r_[x,y]**2).sum()
(np.c_[x,y]**2).sum()
sum((p**2).sum() for p in np.split(x,2,axis=1))
sum((p**2).sum()*k for k,p in enumerate(np.array_split(x,3,axis=1)))
(x.reshape(2,6)@y.reshape(6,2)).sum()
(x.ravel()*y.flatten()).sum()
(x.reshape(-1,order='F')*np.arange(12)).sum()
(np.transpose(x)*y.T).sum()
(x[None,:,:]*y[:,None,:]).sum()
(np.expand_dims(x,1)*y).sum()
(np.squeeze(x[None])**2).sum()
(np.moveaxis(x[None]*y,0,-1)**2).sum()
(np.swapaxes(x,0,1)@y).sum()
(np.pad(x,1)**2).sum()
(np.pad(x,((0,1),(2,0)),mode='constant',constant_values=1.5)**2*np.arange(6)).sum()
(np.pad(x,1,mode='edge')**2).sum()
(np.pad(x,((1,1),(1,1)),'reflect')**2).sum()
(np.roll(x,1,axis=0)*y).sum()
(np.tile(x,(2,2))*np.tile(y,(2,2))).sum()
(np.repeat(x,2,axis=1)**2).sum()
(x.repeat(3)**2).sum()
(np.flip(x)*y).sum()
(np.flip(x,1)*y).sum()
(x[::-1]*y).sum()
(np.fliplr(x)*np.flipud(y)).sum()
(np.rot90(x)*y.T).sum()
(np.take(x,[0,2,2],axis=0)**2).sum()
(x[[0,2,2]]**2).sum()
(x[np.arange(3),[0,1,1]]**3).sum()
(x[x>0]**2).sum()
(x[1]**2).sum()
(x[:,idx]*y).sum()
(np.where(x>0,x,0.1*x)*y).sum()
(np.where(x>y,x,y)**2).sum()
(x*(x>0)).sum()
np.clip(x,-0.5,0.5).sum()+ (y**2).sum()
(np.clip(x,None,0.3)*y).sum()
np.cumsum(x,axis=1).dot(V).sum()
(np.cumsum(x)**2).sum()
(np.cumprod(x,axis=1)**2).sum()
np.linalg.norm(x)*y.sum()
np.linalg.norm(x,axis=1).sum()
(x/np.linalg.norm(x,axis=1,keepdims=True)*y).sum()
np.trace(x@y.T)**2
np.diag(x@y.T).sum()
(np.diag(V)@x.T).sum()
(np.diagflat(x[:1])@x.T).sum()
(np.tril(x)*y).sum()
(np.triu(x,1)*y).sum()
(np.sort(x,axis=1)*V).sum()
np.median(x,axis=0).sum()
np.median(x)*y.sum()
np.average(x,axis=0,weights=[1,2,3]).sum()
np.ptp(x,axis=0).sum()
(np.diff(x,axis=1)**2).sum()
np.inner(x,y).sum()
np.vdot(x,y)
(np.broadcast_to(x[0],(5,4))**2).sum()
np.trapezoid(x,axis=1).sum()
np.exp(x-np.max(x,axis=1,keepdims=True)).sum()
-np.log(np.exp(x)/np.exp(x).sum(axis=1,keepdims=True))[np.arange(3),[0,1,2]].mean()
np.mean((x-y)**2)/2
((x-x.mean(0))/np.sqrt(x.var(0)+1e-5)*V*y).sum()
(1/(1+np.exp(-x))*y).sum()
np.log(np.sum(np.exp(x),axis=-1)).sum()
x.sum()/(x**2).sum()
(2**x).sum()
(x**3+x**-1).sum()
(abs(x)**1.5).sum()
(x@y.T@x).sum()
(np.square(x)-2*x*y+y**2).sum()
(3-x).sum()*(1/(y*y+1)).sum()
(-x).max()*y.min()
np.max(x,axis=1)@np.arange(3)
(x%1.3*y).sum()
(x//1.0*y).sum()
np.nan_to_num(x).sum()*y.sum()
(x.reshape(np.array([2,6]))@y.reshape(np.append(6,2))).sum()*math.ceil(x[0,0])
np.nansum(x*y, axis=0)@np.arange(4)
np.nanmean(x,axis=0).sum()*np.nanvar(y)+np.nanmax(x)*np.nanstd(y)-np.nanmin(y)
np.select([x>1,x<-1],[x,-x],0.0).sum()+y.sum()
np.apply_along_axis(lambda r: r/np.sum(r**2),1,x).sum()
np.vectorize(lambda v: v*v if v>0 else 0.0)(x).sum()
np.frompyfunc(lambda v: v*v if v>0 else 0.0, 1, 1)(x).astype(float).sum()
np.lib.stride_tricks.sliding_window_view(x,(2,2)).sum(axis=(2,3)).prod()
np.round(x).sum()+ (x*y).sum()
(x.astype(np.float32)*2).sum()*0+ (x*y).sum()
np.float64(x.sum())*y.sum()
(np.array([x.sum(),y.sum(),1.0])**2).sum()
np.array([[x[0,0],2.0],[x[1,1],y[0,0]]]).prod()
np.append(x,y).std()
np.atleast_2d(x[0]).T.sum()+(y*y).sum()
math.exp(x[0,0])*math.erf(x[0,1])*y.sum()
math.exp(x[0,0])+y.sum()
float(x.sum())**2
x.sum().item()*y.mean().item()
sum(v*v for row in x for v in row)
max(x[0])*min(y[1])
abs(x[0,0])*x.size*y.shape[0]+y.sum()
(x.T).copy().sum()
np.copy(x).prod()
np.dot(x[0],y[0])
(x[...,1:]*y[...,:-1]).sum()
(x[:, ::2]**2).sum()
x[1:,1:3].sum()**2
np.multiply.outer(x[0],y[0]).sum()
np.add.reduce(x,axis=1).prod()
np.maximum.reduce(x,axis=0).sum()
np.linalg.multi_dot([x,y.T,x]).sum()
np.einsum('ij,ij',x,y)**2
np.mean(x,axis=(0,1))*np.sum(y,axis=1,keepdims=True).sum()
np.full((2,2),x.sum()).sum()
x.sum() if type(x) is np.ndarray and isinstance(y, np.ndarray) else x.prod()
np.take_along_axis(x,np.argmax(x,axis=1)[:,None],axis=1).sum()
x.max(1)[:,None].T.sum()
np.matmul(x,y.T).trace()
np.logaddexp(0,x).sum()
np.stack((x,y)).reshape(2,-1).T.dot(np.array([1.,2.])).sum()
np.roll(x,2).sum()*y.sum()
np.convolve(x[0],y[0]).dot(np.arange(7.))
np.convolve(x[0],y[0,:2],mode='same')@x[1]
np.correlate(x[0],y[0,:3],'valid')@np.array([1.,2.])
np.correlate(x[0],y[0,:3],'full').prod()
(np.gradient(x,axis=1)**2).sum()
sum((m**2).sum() for m in np.meshgrid(x[0],y[1]))
np.piecewise(x,[x<0,x>=0],[lambda v:-v,lambda v:v*v]).sum()
np.arctan2(x,y).sum()
np.deg2rad(x).sum()*y.sum()
np.linalg.matrix_power(x[:,:3],3).sum()
np.vecdot(x,y).prod()
np.matvec(x,y[0]).prod()
np.vecmat(y[:,0],x).prod()
np.sinc(x).sum()*y.mean()
np.linalg.trace(x[:,:3])**2
np.linalg.outer(x[0],y[0]).std()
np.choose(np.array([0,2,1,0]),x).prod()*y.sum()
np.ediff1d(x).std()
np.unstack(x)[0].sum()**2
np.percentile([1,2,3],50)*x.sum()*y.sum()
np.arccosh(2+x*x).sum()
np.array_split(x,2)[1].prod()
np.atleast_1d(x.sum()).sum()*y.sum()
np.atleast_3d(x).std()
np.dsplit(x[:,:,None]*np.ones(2),2)[0].prod()
np.hsplit(x,2)[1].prod()
np.vsplit(x,3)[2].prod()
(np.rollaxis(x[None]*y,2)**2).sum()
np.linalg.matmul(x,y.T).std()
np.linalg.vecdot(x,y).prod()
np.trapezoid(x,axis=0).prod()
np.append(x,y,axis=0).std()
np.diff(x,n=2).prod()
np.ptp(x)*y.sum()
np.delete(x,1,axis=0).sum()**2*y.sum()
np.resize(x,(5,2)).std()*y.sum()
sum((p**3).sum() for p in np.broadcast_arrays(x,y[:1]))
(np.diagonal(x[:,:3])*V[:3]).sum()+np.linalg.diagonal(y).prod()
(np.cumulative_sum(x,axis=0)**2).sum()+np.linalg.trace(y[:,:3])
(np.matrix_transpose(x)@y).std()+np.linalg.matrix_transpose(x).prod()
np.real(x).prod()+np.conj(y).std()
(np.radians(x)*np.degrees(y)).sum()+np.rad2deg(x).prod()
np.fmax(x,y).sum()+np.fmin(x,0).prod()
np.remainder(x,1.3).dot(V).sum()+np.mod(y,x*x+1).sum()
np.positive(x).prod()+np.asanyarray(y).std()
np.concat((x,y)).std()*np.permute_dims(x,(1,0)).sum()
np.linalg.outer(x[0],y[0]).std()+np.linalg.tensordot(x,y,axes=2)
np.fabs(x).prod()+np.float_power(np.abs(y)+1,2).sum()+np.pow(x,2).sum()
np.true_divide(x,y*y+1).sum()+np.amax(x)*np.amin(y)
np.vdot(x,x)+np.inner(x[0],y[0])
np.array_split(x,2)[1].prod()*np.unstack(y)[0].sum()
np.atleast_1d(x.sum()).sum()*np.atleast_3d(y).std()
np.dsplit(x[:,:,None]*np.ones(2),2)[0].prod()+np.hsplit(y,2)[1].prod()
np.vsplit(x,3)[2].prod()+(np.rollaxis(x[None]*y,2)**2).sum()
np.linalg.matmul(x,y.T).std()+np.linalg.vecdot(x,y).prod()
x[np.argsort(V)[:3]-1].std()*(1+np.any(x>9))+np.ascontiguousarray(y.T).prod()
np.asarray(x).std()*np.array(y).sum()+np.count_nonzero(x)*np.argmin(y)+np.all(x>0)
np.insert(x,0,1.0,axis=1).std()*np.insert(x,[0,2],y[0],axis=0).std()+np.row_stack((x,y)).std()
np.insert(x,1,y[:,0],axis=1).std()*np.insert(y,2,x[:1],axis=0).std()*np.insert(x,-1,y[0,0]).std()
np.diagflat(x[0]).std()*np.kron(x,y[0]).std()*np.kron(x[0],y).std()
np.compress([1,0,1],x,axis=0).std()*np.extract(x>0,y).std()
"""
ELEMENTWISE = """exp exp2 expm1 sin cos tanh sinh cosh arctan arcsinh square negative absolute log
log2 log10 log1p sqrt cbrt reciprocal tan"""
PAIRS = "add subtract multiply divide maximum minimum logaddexp hypot power arctan2"
SUBSCRIPTS = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "ij,ij->i": ((2, 3), (2, 3)),
    "i,j->ij": ((2,), (3,)),
    "bij,bjk->bik": ((2, 3, 4), (2, 4, 2)),
    "...ij,...jk->...ik": ((2, 3, 4), (2, 4, 2)),
    "ij,kj->": ((2, 3), (4, 3)),
    "ii,j->j": ((3, 3), (2,)),
    "ij,k->jk": ((2, 3), (2,)),
    "...i,i->...": ((2, 3), (3,)),
    "ij,ij->ij": ((2, 3), (1, 3)),
}
MATRICES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (1, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((4, 1, 2, 3), (5, 3, 2)),
    ((2, 3), (5, 3, 4)),
]


def program(expression: str, arguments: str = "x, y") -> Any:
    """The expression as a function with globals of its own."""
    return eval(f"lambda {arguments}: {expression}", dict(NAMES))


def proved(f: Any, *args: Any) -> None:
    """Compare with the plain program, with both oracles and with what was saved."""
    found = compare(f, *args)
    for check in check_program(found.graph, found.values, found.cost, found.wrt):
        assert check.passed, check
    again = from_json(to_json(found))
    for name, value in found.values.items():
        assert np.asarray(again.values[name]).tobytes() == np.asarray(value).tobytes(), name


@pytest.mark.filterwarnings("ignore:`row_stack`")
@pytest.mark.parametrize("expression", EXPRESSIONS.split("\n")[1:-1])
def test_expressions(expression: str) -> None:
    proved(program(expression), A, B)


@pytest.mark.parametrize("name", ELEMENTWISE.split())
def test_elementwise_functions(name: str) -> None:
    x = POSITIVE if name in ELEMENTWISE.partition("log")[2] or name == "log" else A
    proved(program(f"np.sum(np.{name}(x) * x * np.arange(x.shape[1]))", "x"), x)


@pytest.mark.parametrize("name", ["arcsin", "arccos", "arctanh"])
def test_elementwise_functions_of_small_numbers(name: str) -> None:
    proved(program(f"np.sum(np.{name}(x * 0.5) * x)", "x"), POSITIVE)


@pytest.mark.parametrize("name", PAIRS.split())
def test_functions_of_two_inputs_with_broadcasting(name: str) -> None:
    proved(program(f"np.sum(np.{name}(x, y) * x)"), POSITIVE, POSITIVE[0] + 0.05)
    proved(program(f"np.sum(np.{name}(x, y) * 2.0)"), POSITIVE[:, :1], POSITIVE.T[:1] + 0.03)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "var", "std"])
def test_reductions(name: str, axis: Any) -> None:
    x = RNG.normal(size=(2, 3, 2))
    for keepdims in (False, True):
        options = f"axis={axis}, keepdims={keepdims}"
        proved(program(f"np.sum(np.{name}(x, {options}) ** 2)", "x"), x)
        proved(program(f"np.sum(x.{name}({options}) ** 2)", "x"), x)


@pytest.mark.parametrize(("left", "right"), MATRICES)
def test_matrix_products_of_any_rank(left: Any, right: Any) -> None:
    proved(program("np.sum((x @ y) ** 2)"), RNG.normal(size=left), RNG.normal(size=right))


@pytest.mark.parametrize(
    ("left", "right"), [*MATRICES[:5], ((5, 2, 3), (6, 3, 4)), ((2,), ())], ids=str
)
def test_dot(left: Any, right: Any) -> None:
    proved(program("np.sum(x.dot(y) ** 2)"), RNG.normal(size=left), RNG.normal(size=right))


@pytest.mark.parametrize("subscripts", SUBSCRIPTS)
def test_einsum(subscripts: str) -> None:
    shapes = SUBSCRIPTS[subscripts]
    expression = f"np.sum(np.einsum({subscripts!r}, x, y) ** 2)"
    proved(program(expression), *(RNG.normal(size=shape) for shape in shapes))


@pytest.mark.parametrize("expression", ["ij->ji", "ii->", "ii->i"])
def test_einsum_of_one_array(expression: str) -> None:
    proved(program(f"np.sum(np.einsum({expression!r}, x) ** 3)", "x"), SQUARE)


@pytest.mark.parametrize(
    ("axes", "left", "right"),
    [
        (0, (2,), (3,)),
        (1, (2, 3), (3, 4)),
        (2, (2, 3, 4), (3, 4, 2)),
        (((1,), (0,)), (3, 2), (2, 3)),
        ([[0, 1], [1, 0]], (3, 2), (2, 3)),
    ],
)
def test_tensordot(axes: Any, left: Any, right: Any) -> None:
    f = program(f"np.sum(np.tensordot(x, y, axes={axes}) ** 2)")
    proved(f, RNG.normal(size=left), RNG.normal(size=right))


def public_functions() -> list[str]:
    """The names of all public functions of NumPy."""
    return [
        f"{prefix}{name}"
        for module, prefix in ((np, ""), (np.linalg, "linalg."))
        for name in module.__all__
        if callable(getattr(module, name)) and not isinstance(getattr(module, name), type)
    ]


def test_every_recorded_function_stands_in_a_program_of_these_tests() -> None:
    """A function whose gradient no test proves must not be called recorded."""
    folder = Path(__file__).parent
    text = "".join(
        (folder / name).read_text() for name in ("test_operations.py", "test_program.py")
    )
    words = set(re.findall(r"\w+", text))
    proved = {id(getattr(np, word)) for word in words if word in np.__all__}
    recorded = [name for name in public_functions() if status(name) == "recorded"]
    missing = [
        name
        for name in recorded
        if name.rpartition(".")[2] not in words and id(getattr(np, name, None)) not in proved
    ]
    assert missing == []


def test_every_function_of_numpy_is_recorded_or_without_gradient_or_refused() -> None:
    states = {name: status(name) for name in public_functions()}
    assert set(states.values()) == {"recorded", "without gradient", "refused"}
    assert len(states) > 350


# Operations whose entry stands for one function of one entry, or for a sum of products.
WRITTEN = ("elementwise", "elementwise_backward", "product", "reduction", "reduction_backward")
# What the language of entries has no form for: a mean inside, a product, the first of equal ones.
UNWRITTEN = {
    *("var", "std", "prod", "max", "min", "cumsum", "remainder"),
    *("var_backward", "std_backward", "prod_backward", "extreme_backward", "cumsum_backward"),
    *("where", "where_true", "where_false", "remainder_backward", "clip_backward"),
}


def test_signature_and_entry_say_what_is_computed() -> None:
    """Evaluating the entry of each line from its inputs gives its value."""
    seen = set()
    programs = [(program(each), (A[:2, :2], B[:2, :2])) for each in ENTRIES]
    programs += [(program("np.sum((x @ y) ** 2)"), (np.ones(a), np.ones(b))) for a, b in MATRICES]
    for f, args in programs:
        found = record(f, args)
        for node in found.graph.nodes:
            operation = node.operation
            if operation.written is None or node.op in UNWRITTEN:
                continue
            if operation.family not in WRITTEN and node.op not in ("sum_stretched", "transpose"):
                continue
            seen.add(node.op)
            inputs = [found.values[name] for name in node.inputs]
            shapes = [np.shape(each) for each in inputs]
            value = found.values[node.id]
            signature, entry = operation.written(shapes, np.shape(value), **node.keywords)
            again = evaluate(signature, entry, inputs, np.shape(value))
            np.testing.assert_allclose(again, value, rtol=1e-12, atol=1e-14, err_msg=node.op)
    wanted = {
        name
        for name, operation in OPS.items()
        if operation.written is not None and operation.family in WRITTEN
    }
    assert wanted - seen - UNWRITTEN == set()
