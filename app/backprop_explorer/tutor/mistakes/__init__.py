"""Mistakes: wrong rules in the place of right ones, and one search for those of a line.

A **place** is an operation of a graph, or its backward rule of one input:
``MistakePlace("affine")`` is z = a W + b, ``MistakePlace("affine", 1)`` is ∂C/∂W. A
**misconception** has **wrong rules** for places: an operation, applied to operands that are found
by their relations in the graph.

====================  ==========================================================================
operand               value
====================  ==========================================================================
``0``, ``1``, …       an input of the operation, by its position
``"g"``               the gradient of its result
``"result"``          its result
``under(x)``          the first input of the operation that computes x: z under a = f(z)
``over(x)``           the result of the operation that reads x: a over z
``gradient_of(x)``    ∂C/∂x
``again(x, 1)``       the same quantity in the next repetition of the operation, ``-1`` the last
``updated(x)``        the value of a parameter after the update
``"right"``           the line's right value with the same inputs; the mistake changes a result
====================  ==========================================================================

So "∂C/∂W was computed with z in place of a" is
``WrongRule(MistakePlace("affine", 1), "weight_gradient", (under(0), "g"))``.

Layers, networks and ids do not occur: all is found from the nodes, so an entry serves each graph
that has the operation. Another operation of the same kind, as ``matmul`` is for ``affine``, is one
more place of the rule. ``Relations(nodes)`` reads the nodes once; ``MistakeSite(relations, node,
evidence, read, right)`` is one line with the values of a working; ``alternatives(site)`` yields
what the line is with each mistake, and its price; ``mistaken(site, misconception, detail)`` is one
of them. The checker of numbers, the checker of code and the lessons use the same search.

To add a misconception, add its name to ``ids`` and an entry to the tuple of its file.

ids        the names of all mistakes
relations  places in a graph, and operands by their relations
rule       wrong rules, misconceptions, and the lines that they are applied to
search     MISCONCEPTIONS, and those that are possible in a line
forward, cost, updates, slopes, affine   the entries
"""

from __future__ import annotations

from backprop_explorer.tutor.mistakes.relations import MistakePlace, Relations
from backprop_explorer.tutor.mistakes.rule import (
    UNKNOWN,
    Evidence,
    Misconception,
    MistakeSite,
    WrongRule,
)
from backprop_explorer.tutor.mistakes.search import (
    MISCONCEPTIONS,
    PossibleMistake,
    alternatives,
    mistaken,
)
