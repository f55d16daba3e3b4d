"""Defects of the program behind the page: server, checker, lessons, engine."""

from __future__ import annotations

from tests.mutations import Mutation

PROGRAM: list[Mutation] = [
    # Adam counts one update too many.
    Mutation(
        "app/backprop_explorer/engine/ops/update.py",
        "    return 1.0 - math.pow(beta, count)\n",
        "    return 1.0 - math.pow(beta, count + 1)\n",
        ("tests/engine/test_scikit_learn.py",),
    ),
    # Nesterov momentum looks ahead without the gradient.
    Mutation(
        "app/backprop_explorer/engine/ops/update.py",
        "np.subtract(p, mu * v + rate * g, out=out)",
        "np.subtract(p, mu * v, out=out)",
        ("tests/engine/test_scikit_learn.py",),
    ),
    # The slope of GELU has a sign wrong.
    Mutation(
        "app/backprop_explorer/engine/activations.py",
        "1.0 + bounded * sigmoid(-inner) * slope",
        "1.0 - bounded * sigmoid(-inner) * slope",
        ("tests/engine",),
    ),
    # No mistake is named.
    Mutation(
        "app/backprop_explorer/tutor/checker/line_marks.py",
        "MAX_DIAGNOSES = 8",
        "MAX_DIAGNOSES = 0",
        ("tests/tutor/test_misconceptions.py",),
    ),
    # Any number of the same sign and size is right.
    Mutation(
        "app/backprop_explorer/tutor/checker/tolerance.py",
        "TIGHT = Tolerance(1e-9, 1e-11)",
        "TIGHT = Tolerance(2.0, 1e-11)",
        ("tests/tutor/test_checker_corpus.py",),
    ),
    # Copies and zeros get follow-through credit.
    Mutation(
        "app/backprop_explorer/tutor/checker/follow_through.py",
        "        self._trivial = cache(self._is_trivial)",
        "        self._trivial = cache(lambda name: False)",
        ("tests/tutor/test_checker_corpus.py",),
    ),
    # No line gets follow-through credit, correct or not.
    Mutation(
        "app/backprop_explorer/tutor/checker/follow_through.py",
        "        self.earned = cache(self._earns)",
        "        self.earned = cache(lambda name: False)",
        ("tests/tutor/test_checker_corpus.py",),
    ),
    # The search for a program's mistake ends at once.
    Mutation(
        "app/backprop_explorer/tutor/exercise/explanations.py",
        "MAX_CANDIDATES = 4000",
        "MAX_CANDIDATES = 1",
        ("tests/tutor/code/test_corpus.py",),
    ),
    # A test part of a table is one row too small.
    Mutation(
        "app/backprop_explorer/datasets/splitting.py",
        "min(math.ceil(test_fraction * count), count - 1)",
        "min(math.floor(test_fraction * count), count - 1)",
        ("tests/datasets/test_splitting.py",),
    ),
    # A run takes a state from another run that is up to 40 steps too late.
    Mutation(
        "app/backprop_explorer/experiments/training_run.py",
        "(s for s in known if s.step < until)",
        "(s for s in known if s.step <= until + 40)",
        ("tests/experiments/test_inherited_training.py",),
    ),
    # A frame shows the step before.
    Mutation(
        "app/backprop_explorer/experiments/training_run.py",
        "            while state.step < (step if self.diverged is None else min(step, self.diverged)):",
        "            while state.step < step - 1:",
        ("tests/experiments/test_frame.py",),
    ),
    Mutation(
        "app/backprop_explorer/engine/activations.py",
        "    out = np.multiply(a, a, out=out)",
        "    out = np.multiply(a, 1, out=out)",
        ("tests/engine",),
    ),
    # A lesson with the largest seed alone cannot be opened.
    Mutation(
        "app/backprop_explorer/lessons/lesson.py",
        "np.random.default_rng([seed, *lesson.encode()])",
        "np.random.default_rng([int(np.int32(seed + 1)) - 1, *lesson.encode()])",
        ("tests/lessons/test_lessons.py::test_every_question_has_a_prompt_and_a_hint",),
    ),
    # Wrong signs, in one kind of question alone, get no feedback.
    Mutation(
        "app/backprop_explorer/lessons/questions.py",
        "return Mark(right, self.why if right else self.wrong, entries.tolist())",
        'return Mark(right, self.why if right else "", entries.tolist())',
        ("tests/lessons/test_lessons.py::test_a_wrong_answer_gets_feedback",),
    ),
    # 1.0059 times the right number is right.
    Mutation(
        "app/backprop_explorer/lessons/given.py",
        "1.01 * np.minimum(given.quantum, 0.005 * size)",
        "1.01 * np.maximum(given.quantum, 0.006 * size)",
        (
            "tests/lessons/test_lessons.py::test_three_right_digits_are_enough_and_many_wrong_ones_are_not",
        ),
    ),
    # A word that no lesson says, in one lesson.
    Mutation(
        "app/backprop_explorer/lessons/content/week42/two_layers.md",
        "Next on the way back comes the sigmoid",
        "Next on the way back simply comes the sigmoid",
        ("tests/lessons/test_lesson_rules.py::test_words_are_plain_and_seeds_differ",),
    ),
    # Units count from 1 on one card.
    Mutation(
        "app/backprop_explorer/lessons/content/week42/two_layers.md",
        "- names: `dC_dz1[0]`, `dC_dz1[1]`, `dC_dz1[2]`",
        "- names: `dC_dz1[1]`, `dC_dz1[2]`, `dC_dz1[3]`",
        ("tests/lessons/test_counting.py::test_a_lesson_counts_from_0",),
    ),
    # A formula in one lesson is not shown, since its sum has no such name.
    Mutation(
        "app/backprop_explorer/lessons/content/week42/one_layer_autograd.md",
        r"In $z_i = \sum_j W_{ij} x_j",
        r"In $z_i = \summe_j W_{ij} x_j",
        ("tests/lessons/test_lesson_rules.py::test_no_rule_is_broken_for_any_draw",),
    ),
    # The explorer shows the line that its card asks for.
    Mutation(
        "static/js/lessons/scenes.js",
        "const asked = card?.question && hide ? hiddenBy(card.question, hide) : null;",
        "const asked = card?.question && !hide ? hiddenBy(card.question, hide) : null;",
        ("tests/lessons/test_nothing_given_away.py::test_no_line_is_seen_before_it_is_asked",),
    ),
    # Numbers with which mistakes give the same digits.
    Mutation(
        "app/backprop_explorer/lessons/distinct.py",
        "CANDIDATES = 8",
        "CANDIDATES = 1",
        ("tests/lessons/test_distinct.py",),
    ),
    # Saturated sigmoids in some draws.
    Mutation(
        "app/backprop_explorer/lessons/content/week42/shared.py",
        "if np.abs(z).max() > 3.0 or",
        "if np.abs(z).max() > 30.0 or",
        ("tests/lessons/test_lessons_week42.py::test_no_draw_is_degenerate",),
    ),
    # Maps without a best cell, for some of their seeds.
    Mutation(
        "app/backprop_explorer/lessons/content/further/heat_map.py",
        '"samples": 80, "noise": 0.3,',
        '"samples": 80, "noise": 0.2,',
        ("tests/lessons/test_lessons_generalization.py::test_every_map_has_one_best_cell",),
    ),
    # A mistake in the way back is not named.
    Mutation(
        "app/backprop_explorer/lessons/number_questions.py",
        "        if made and (other",
        '        if made and not self.line.startswith("dC_dW") and (other',
        ("tests/lessons/test_plausible_mistakes.py::test_the_checker_names_what_no_remark_does",),
    ),
    # Cards of maps are sent without their map.
    Mutation(
        "app/backprop_explorer/compute/lesson_answers.py",
        "for name, value in fields.items() if value is not None}",
        'for name, value in fields.items() if value is not None and name != "map"}',
        ("tests/api/test_answers.py::test_answers_have_exactly_the_fields_of_their_schemas",),
    ),
    # A question about signs is sent with what is said to a wrong answer.
    Mutation(
        "app/backprop_explorer/lessons/questions.py",
        '"names_text": list(self.names)}',
        '"names_text": [*self.names, self.wrong]}',
        ("tests/api/test_lesson_cards.py::test_cards_come_one_question_after_the_other",),
    ),
    # An empty seed is a server error.
    Mutation(
        "app/backprop_explorer/lessons/seed.py",
        "raise ValueError(texts.SEED_EMPTY)",
        "raise KeyError(texts.SEED_EMPTY)",
        ("tests/api/test_openapi.py::test_requests_made_from_the_document",),
    ),
    # A server that is killed loses the cells of a sweep that it had.
    Mutation(
        "app/backprop_explorer/experiments/sweeps/sweeps.py",
        '        self._store.write(TILE, f"{entry.sweep.id}-{tile}", result.astype(_STORED).tobytes())\n',
        "",
        ("tests/api/test_sweeps.py::test_a_sweep_goes_on_after_kill_9[sqlite]",),
    ),
    # A request in a long run is cut instead of told how far it came, when the server ends.
    Mutation(
        "app/backprop_explorer/cli.py",
        "Server(app, say_ready, app.state.pool.hurry, settings.proxies)",
        "Server(app, say_ready, lambda: None, settings.proxies)",
        ("tests/test_shutdown.py::test_it_ends_with_everything_in_flight",),
    ),
    # Submitted numbers whose squares are no floats are a server error.
    Mutation(
        "app/backprop_explorer/tutor/checker/check.py",
        '    with np.errstate(all="ignore"):',
        '    with np.errstate(all="warn"):',
        ("tests/api/test_checks.py::test_numbers_of_any_size_are_answered",),
    ),
    # Moodle does not read the file of a lesson.
    Mutation(
        "app/backprop_explorer/lessons/moodle.py",
        '_text(_child(element, "penalty"), PENALTY, wrapped=False)',
        '_text(_child(element, "penalty"), PENALTY)',
        ("tests/lessons/test_moodle.py::test_every_lesson_is_valid",),
    ),
    # The lines of a text are counted anew for each place: quadratic in its length.
    Mutation(
        "app/backprop_explorer/tutor/reading/tokens.py",
        "    @cached_property\n    def _line_starts",
        "    @property\n    def _line_starts",
        ("tests/tutor/test_reading_bounds.py::test_time_per_character_does_not_grow",),
    ),
    # Progress of cards whose titles have digits is lost.
    Mutation(
        "app/backprop_explorer/lessons/lesson.py",
        'return re.sub("[^a-z0-9]+", "-", plain)',
        'return re.sub("[^a-z]+", "-", plain)',
        ("tests/lessons/test_lessons.py::test_card_names_are_stable",),
    ),
    # The cosine schedule changes no learning rate of a sweep.
    Mutation(
        "app/backprop_explorer/experiments/sweeps/lockstep.py",
        'if update.schedule == "constant":',
        'if update.schedule in ("constant", "cosine"):',
        ("tests/experiments/sweeps/test_bits.py",),
    ),
    # A message in the words of Pydantic, for one type of fields.
    Mutation(
        "app/backprop_explorer/texts/en/api.py",
        '"bool_type": "must be true or false"',
        '"bool_type": "Input should be a valid boolean"',
        ("tests/api/test_messages.py",),
    ),
    # Any key is the lecturer's.
    Mutation(
        "app/backprop_explorer/classroom/access.py",
        "if not matches(key, room.room.key)",
        "if False and not matches(key, room.room.key)",
        ("tests/api/test_room_attacks.py",),
    ),
]
