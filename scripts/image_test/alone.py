"""Test the image alone: one hardened container, and its settings."""

from __future__ import annotations

import json
import time

from client import PORT, ask, expect, frame, new_experiment
from engine import Engine, Failure, wait_for

PROJECT = ("compose", "--project-name", "backprop-image-test")
READY_SECONDS = 30.0
STOP_SECONDS = 8.0


def check(engine: Engine) -> None:
    """Check health, page, every data set, persistence, stop, kill and settings."""
    clear(engine)
    try:
        _one_container(engine)
    finally:
        clear(engine)
    _settings(engine)
    _cpu_limit(engine)


def clear(engine: Engine) -> None:
    """Remove containers and volumes of an earlier run."""
    engine.run(*PROJECT, "down", "--volumes", "--timeout", "5", check=False)


def _one_container(engine: Engine) -> None:
    hosts = {"EXPLORER_ALLOWED_HOSTS": "192.168.1.5"}
    up = (*PROJECT, "up", "--detach", "--no-build", "--wait")
    began = time.monotonic()
    # A name that is not 127.0.0.1: the container's own check must know it (issue: "unhealthy").
    engine.run(*up, variables=hosts)
    print(f"alone: healthy after {time.monotonic() - began:.1f} s (docker compose up --wait)")
    expect(200, ask("/healthz", host="192.168.1.5"))
    expect(400, ask("/healthz", host="evil.example"))

    engine.run(*up)
    name = engine.output(*PROJECT, "ps", "--quiet", "explorer")
    _page_and_everything_in_the_catalog()
    experiment = new_experiment(seed=7)
    first = expect(200, frame(experiment, 50)).json["cost"]

    began = time.monotonic()
    engine.run("stop", "--time", "20", name)
    stopped = time.monotonic() - began
    code = engine.inspect(name)["State"]["ExitCode"]
    print(f"alone: stopped in {stopped:.2f} s, exit code {code}")
    if code or stopped > STOP_SECONDS:
        raise Failure(f"stop: exit code {code} after {stopped:.1f} s")
    began = time.monotonic()
    engine.run("start", name)
    wait_for("/healthz", lambda: ask("/healthz").status == 200, READY_SECONDS)
    print(f"alone: answers {time.monotonic() - began:.2f} s after docker start")
    again = expect(200, frame(experiment, 50)).json["cost"]
    if again != first:
        raise Failure(f"the same frame has cost {first}, after a restart {again}")

    kept = new_experiment(seed=8)
    engine.run("kill", "--signal", "KILL", name)
    engine.run("start", name)
    wait_for("/healthz", lambda: ask("/healthz").status == 200, READY_SECONDS)
    expect(200, ask(f"/api/v1/experiments/{kept}"))
    print("alone: experiments survive stop and SIGKILL")
    written = engine.run("exec", name, "touch", "/opt/venv/x", check=False)
    user = engine.output("exec", name, "id", "-u")
    if not written.returncode or user != "10001":
        raise Failure(f"the container can write to its image, or is user {user}")
    log = engine.output("logs", name)
    if "Traceback" in log or '"level":"error"' in log:
        raise Failure(f"the log has errors:\n{log[-3000:]}")
    _standard_library_is_compiled(engine, name)
    began = time.monotonic()
    engine.run("exec", name, "python", "-I", "-S", "/opt/healthcheck.py")
    print(f"alone: docker exec of the health check takes {time.monotonic() - began:.2f} s")
    began = time.monotonic()
    engine.run(*PROJECT, "down")
    print(f"alone: docker compose down takes {time.monotonic() - began:.2f} s")
    nothing_left(engine)


def _standard_library_is_compiled(engine: Engine, name: str) -> None:
    """Check that no module of the standard library must be compiled at each start."""
    code = (
        "import argparse, asyncio, http.client, json, logging, os, sys, sysconfig\n"
        "folder = sysconfig.get_path('stdlib')\n"
        "specs = [m.__spec__ for m in sys.modules.values() if getattr(m, '__spec__', None)]\n"
        "files = [s for s in specs if s.cached and s.origin.startswith(folder)]\n"
        "print(len(files), *[s.name for s in files if not os.path.exists(s.cached)])"
    )
    count, *missing = engine.output("exec", name, "python", "-I", "-S", "-c", code).split()
    print(f"alone: {count} modules of the standard library, {len(missing)} without bytecode")
    if missing or int(count) < 50:
        raise Failure(f"modules of the standard library without bytecode: {missing}")


def _page_and_everything_in_the_catalog() -> None:
    page = expect(200, ask("/")).body.decode()
    links = [part.split('"')[0] for part in page.split('"./static/')[1:]]
    if not links:
        raise Failure("the page names no files below /static")
    for link in links:
        expect(200, ask(f"/static/{link}", Accept_Encoding="br"))
    catalog = expect(200, ask("/api/v1/catalog")).json
    datasets = catalog["datasets"]
    for dataset in datasets:
        units = dataset["classes"] if dataset["classes"] > 2 else 1
        activation, cost = (
            ("identity", "mse")
            if dataset["task"] == "regression"
            else (
                ("softmax", "cross_entropy") if units > 1 else ("sigmoid", "binary_cross_entropy")
            )
        )
        layers = [{"units": 4, "activation": "tanh"}, {"units": units, "activation": activation}]
        experiment = new_experiment(
            dataset["name"], network={"layers": layers}, cost={"name": cost}
        )
        expect(200, frame(experiment, 3))
        expect(200, ask(f"/api/v1/experiments/{experiment}/frames/3/trace"))
    expect(200, ask("/docs"))
    print(f"alone: page, {len(links)} files, {len(datasets)} data sets with frame and trace")


def _settings(engine: Engine) -> None:
    """Check the image's health check with another port and name and without a volume."""
    name = "backprop-image-test-settings"
    engine.run("rm", "--force", "--volumes", name, check=False)
    began = time.monotonic()
    variables = ("EXPLORER_PORT=9123", "EXPLORER_ALLOWED_HOSTS=*.class.example, 10.0.0.1")
    words = [word for each in variables for word in ("--env", each)]
    engine.run("run", "--detach", "--name", name, *words, "backprop-explorer")
    try:
        wait_for("healthy", lambda: engine.health(name) == "healthy", READY_SECONDS)
        print(f"settings: healthy after {time.monotonic() - began:.1f} s with {variables}")
        mounts = engine.inspect(name)["Mounts"]
        if mounts:
            raise Failure(f"docker run makes anonymous volumes: {mounts}")
    except Failure as error:
        raise Failure(f"{error}\n{engine.run('logs', name).stdout[-2000:]}") from None
    finally:
        engine.run("rm", "--force", "--volumes", name)


def _cpu_limit(engine: Engine) -> None:
    """Check that a container with one processor has one worker."""
    name = "backprop-image-test-cpu"
    engine.run("rm", "--force", "--volumes", name, check=False)
    engine.run("run", "--detach", "--cpus", "1", "--name", name, "backprop-explorer")
    code = (
        "from urllib.request import urlopen as u\n"
        f"print(u('http://127.0.0.1:{PORT}/metrics').read().decode())"
    )
    try:
        wait_for("healthy", lambda: engine.health(name) == "healthy", READY_SECONDS)
        text = engine.output("exec", name, "python", "-c", code)
        workers = [line for line in text.splitlines() if line.startswith("explorer_workers ")]
        print(f"settings: with --cpus 1, {json.dumps(workers)}")
        if workers != ["explorer_workers 1.0"]:
            raise Failure("a container with one processor must have one worker")
    finally:
        engine.run("rm", "--force", "--volumes", name)


def nothing_left(engine: Engine) -> None:
    """Raise Failure if there is anything of the project but the volumes that compose.yaml names."""
    label = "label=com.docker.compose.project=backprop-image-test"
    containers = engine.output("ps", "--all", "--quiet", "--filter", label).split()
    dangling = engine.output("volume", "ls", "--quiet", "--filter", "dangling=true").split()
    anonymous = [each for each in dangling if len(each) == 64]
    ours = set(engine.output("volume", "ls", "--quiet", "--filter", label).split())
    networks = engine.output("network", "ls", "--quiet", "--filter", label).split()
    # Compose makes every volume of the file, also those of services with scale 0.
    named = {"backprop-image-test_recipes", "backprop-image-test_experiments"}
    if containers or anonymous or networks or ours != named:
        raise Failure(
            f"left: containers {containers}, networks {networks}, volumes {ours} and {anonymous}"
        )
