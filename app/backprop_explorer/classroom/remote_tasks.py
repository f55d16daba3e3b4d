"""The tasks of questions by name: the web process does not import what computes them."""

from __future__ import annotations

from backprop_explorer.engine.late import Late

_QUESTIONS = "backprop_explorer.classroom.questions"

prepare = Late(_QUESTIONS, "prepare")
show = Late(_QUESTIONS, "show")
mark_answer = Late(_QUESTIONS, "mark_answer")
