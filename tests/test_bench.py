"""The benchmarks run, with tiny sizes; their figures are not tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import cast

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser

from bench import growth, page, painted, program_pages, programs, service, start, travel, updates
from bench.__main__ import MEASUREMENTS, main
from tests.helpers.environment import ROOT, environment
from tests.helpers.servers import RunningServer

JSON = {"Content-Type": "application/json"}
TINY = updates.Case((2, 3, 1), 4)
TIMES = f"""
import json
from bench import updates
print(json.dumps(updates.times(updates.{TINY}, rounds=1)))
"""


@pytest.mark.exhaustive
def test_all_installed_candidates_are_timed() -> None:
    # In a process of its own: JAX, once imported, warns at every later fork, and other tests fork.
    command = [sys.executable, "-W", "error", "-c", TIMES]
    run = subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, timeout=120
    )
    found = json.loads(run.stdout)
    expected = {"ours", "floor", "bare floor", "plain NumPy", "autograd", "scikit-learn"}
    assert expected <= set(found)
    assert all(time > 0 for time in found.values())


def test_contestants_share_no_weights() -> None:
    problem = updates.SharedData(TINY)
    by_hand = updates.plain_numpy(problem)
    before = problem.parameters.flat.copy()
    ours = updates.ours(problem)
    for _ in range(3):
        by_hand.work()
        ours.work()
    assert np.array_equal(problem.parameters.flat, before)


def test_programs_are_explained_and_proved() -> None:
    rows = programs.rows(rounds=1, small=True)
    names = [row[0] for row in rows]
    assert names[:3] == ["dense", "recurrent", "convolution"]
    assert [bool(row[4]) for row in rows] == [True, False, False, True, True]  # autograd's
    assert all(len(row) == len(programs.HEADER) for row in rows)


def test_a_programs_page_is_opened_and_walked(
    browser: Browser, running_server: RunningServer
) -> None:
    opened = program_pages.visit(browser, running_server, "/programs/embedding", 2)
    assert min(opened.ready, opened.page, opened.server, *opened.lines, *opened.of_lines) > 0
    assert opened.requests < 15  # each page's modules are one file


def test_growth_has_a_row_for_each_sweep_and_a_slope() -> None:
    rows = growth.rows(rounds=1, largest=32)
    assert [row[0] for row in rows] == ["width", "batch", "depth"]
    assert all(len(row) == len(growth.HEADER) for row in rows)
    assert growth.slope([1, 10, 100], [2, 20, 200]) == pytest.approx(1)
    light, full = (growth.answers((16, 200))[1][k] for k in (2, 1))
    assert float(light.removesuffix(" kB")) < 0.1 * float(full.replace(",", "").removesuffix(" kB"))


def test_a_request_goes_over_the_wire_as_it_should(server: str) -> None:
    asked = service.questions(server)
    sizes = []
    for question in asked.values():
        connection = service.Connection(question.url)
        connection.send(question.raw())
        sizes.append(connection.receive())
        connection.socket.close()
    assert sizes[0] > sizes[1] > 10_000
    assert len(service.latency(asked["POST /trace, verify off"], 0.01)) >= 1


def test_answers_without_a_server_equal_those_of_a_server(server: str) -> None:
    with service.workings() as works:
        for name, question in service.questions(server).items():
            answer = httpx.request(
                question.method, question.url, content=question.body, headers=JSON
            )
            assert json.loads(cast(bytes, works[name]())) == answer.json()


def test_playgrounds_configurations_have_its_numbers_of_updates() -> None:
    assert [each.steps_per_epoch for each in page.CONFIGURATIONS] == [25, 9]


def test_the_page_is_played_and_answers(
    browser: Browser, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "WARM_SECONDS", 0.1)
    # With other tests running, a single frame has taken 0.8 s.
    played = page.play(browser, server, page.CONFIGURATIONS[1], 1, 2)
    assert played.epochs > 0
    assert played.frames > 0
    assert len(played.keys) == len(played.clicks) == 2
    assert max(played.keys + played.clicks) < page.NEVER


@pytest.mark.exhaustive
def test_painted_frames_are_counted(
    browser: Browser, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painted, "WARM_SECONDS", 0.2)
    frames, longest, ceiling = painted.visit(browser, server, (1440, 900), 0.5)
    assert frames > 0
    assert ceiling > 0
    assert 0 < longest < 5000


@pytest.mark.exhaustive
def test_a_second_visit_needs_fewer_bytes(browser: Browser, server: str) -> None:
    first, again = start.visits(browser, server)
    assert 0 < again.nbytes < 0.2 * first.nbytes
    assert first.ready > 0


def test_travel_measures_a_long_run() -> None:
    found = travel.travel(steps=300, visits=3)
    assert found["whole"] > 0
    assert found["megabytes"] > 0


def test_every_measurement_has_a_name_and_every_table_its_columns() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "-m bench" in makefile
    modules = {"growth", "service", "page", "travel", "start"}
    assert modules <= set(MEASUREMENTS)
    for module in (service, page, travel, start):
        assert len(module.HEADER) >= 3


def test_unknown_benchmarks_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["updates", "downdates"]) == 2
    assert re.search(r"unknown: downdates; known: updates, sweeps, growth", capsys.readouterr().err)
