"""The sentences of the server, by id: ``texts.api.NOT_FINITE``, ``texts.classroom.room_full(60)``.

A text is a constant; with a number or a name in it, it is the ``format`` of a string, or a function
where that is not enough. ``en`` has a module for each package, and several for a large one:
``tutor_checker`` is that of ``tutor.checker``. Entries of tables have their texts in themselves;
``tables`` replaces them in another language. This file chooses the language: another one is a copy
of the folder ``en``.
"""

from __future__ import annotations

from backprop_explorer.texts.en import (
    api,
    classroom,
    compute,
    datasets,
    engine,
    experiments,
    experiments_sweeps,
    lessons,
    lessons_reading,
    lessons_rules,
    lessons_writing,
    notebook,
    record,
    tables,
    tutor,
    tutor_checker,
    tutor_code,
    tutor_inference,
    tutor_mistakes,
    tutor_program,
    tutor_reading,
    web,
)
