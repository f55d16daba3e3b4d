"""Test a class: start, kills, swapped addresses, a hung server, no Redis, an upgrade."""

from __future__ import annotations

import gzip
import os
import signal
import time
from collections.abc import Callable

from alone import PROJECT, clear, nothing_left
from client import Player, ask, expect, frame, new_experiment
from engine import Engine, Failure, wait_for

START_SECONDS = 20.0
HEALTHY_SECONDS = 40.0
# The balancer skips a failed server for 2 s and caches an address for 2 s.
SETTLE_SECONDS = 5.0
# The balancer may wait proxy_read_timeout for each of two servers.
HUNG_SECONDS = 11.0
REDIS_GONE_SECONDS = 4.0
# In the network of the class, outside of the addresses that Docker gives.
OTHER_ADDRESSES = ("10.213.97.101", "10.213.97.102")


class Class:
    """The running class."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        files = ("compose.yaml", "deploy/class.yaml")
        self.compose = (*PROJECT, *(word for each in files for word in ("--file", each)))

    def up(self, *words: str) -> float:
        """Start the class; return the seconds until all services are healthy."""
        began = time.monotonic()
        self.engine.run(*self.compose, "up", "--detach", "--no-build", "--wait", *words)
        return time.monotonic() - began

    def name(self, service: str) -> str:
        """The container of a service."""
        return f"backprop-image-test-{service}-1"

    def all_healthy(self) -> bool:
        """Whether every service with a health check is healthy."""
        services = ("explorer-1", "explorer-2", "redis")
        return all(self.engine.health(self.name(each)) == "healthy" for each in services)

    def crash(self, service: str) -> None:
        """Kill the process; Docker's restart policy starts it again."""
        pid = self.engine.inspect(self.name(service))["State"]["Pid"]
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:  # not root, or the daemon is in a virtual machine
            self.engine.run("kill", self.name(service))
            self.engine.run("start", self.name(service))

    def address(self, service: str) -> str:
        """Its address in the class's network."""
        networks = self.engine.inspect(self.name(service))["NetworkSettings"]["Networks"]
        (network,) = networks.values()
        return str(network["IPAddress"])

    def move(self, service: str, address: str | None = None) -> None:
        """Disconnect from the network, or connect with that address."""
        network, name = "backprop-image-test_class", self.name(service)
        if address is None:
            self.engine.run("network", "disconnect", network, name)
        else:
            more = ("--ip", address, "--alias", service)
            self.engine.run("network", "connect", *more, network, name)


def check(engine: Engine) -> None:
    """Start the class and run all checks."""
    clear(engine)
    it = Class(engine)
    try:
        _check(it)
    except Failure as error:
        logs = engine.run(*it.compose, "logs", "--no-color", "--tail", "40", check=False).stdout
        raise Failure(f"class: {error}\n{logs}") from None
    finally:
        clear(engine)


def _check(it: Class) -> None:
    seconds = it.up()
    print(f"class: everything is healthy {seconds:.1f} s after docker compose up --wait")
    if seconds > START_SECONDS:
        raise Failure(f"the start took {seconds:.1f} s")
    wait_for("the balancer", lambda: ask("/healthz").status == 200, HEALTHY_SECONDS)
    _errors_of_the_balancer()
    experiment = new_experiment(seed=3)
    _compressed(experiment)
    cost = expect(200, frame(experiment, 100)).json["cost"]
    for service in ("explorer-1", "explorer-2", "redis"):
        _while_playing(it, f"SIGKILL of {service}", lambda s=service: it.crash(s), pause=8)
    _addresses(it)
    _hung(it)
    _redis_gone(it, experiment)
    _while_playing(it, "an upgrade, one server after the other", lambda: _upgrade(it), pause=8)
    began = time.monotonic()
    # Without the file of the class, as one types it.
    it.engine.run(*PROJECT, "down")
    print(f"class: docker compose down takes {time.monotonic() - began:.1f} s")
    nothing_left(it.engine)
    it.up()
    wait_for("the balancer", lambda: ask("/healthz").status == 200, HEALTHY_SECONDS)
    if expect(200, frame(experiment, 100)).json["cost"] != cost:
        raise Failure("after a restart the same frame has another cost")
    print("class: experiments survive down and up, with the same numbers")


def _errors_of_the_balancer() -> None:
    expect(404, ask("/metrics")).problem  # noqa: B018 - it raises
    expect(413, ask("/api/v1/check", b" " * 6_000_000)).problem  # noqa: B018
    expect(404, ask("/api/v1/nothing")).problem  # noqa: B018 - the server's own passes
    expect(400, ask("/", Cookie="a" * 40_000)).problem  # noqa: B018
    print("class: errors of the balancer are problem documents")


def _compressed(experiment: str) -> None:
    plain = expect(200, frame(experiment, 10)).body
    packed = expect(200, frame(experiment, 10, Accept_Encoding="gzip"))
    if packed.headers.get("content-encoding") != "gzip" or gzip.decompress(packed.body) != plain:
        raise Failure("a frame through the balancer is not compressed")
    print(f"class: a frame has {len(plain)} bytes, through the balancer {len(packed.body)}")


def _while_playing(it: Class, what: str, action: Callable[[], None], pause: float) -> None:
    """Play two experiments, which may lie on different servers, during ``action``."""
    with Player(new_experiment(seed=11)) as one, Player(new_experiment(seed=12)) as two:
        # Until the balancer uses the failed server again.
        time.sleep(SETTLE_SECONDS)
        action()
        time.sleep(1)
        healthy = wait_for("all healthy again", it.all_healthy, HEALTHY_SECONDS)
    print(f"class: {what}: {one}; {two}; healthy again after {healthy + 1:.1f} s")
    if one.lost or two.lost or max(one.longest, two.longest) > pause:
        raise Failure(f"{what}: the play stopped")


def _addresses(it: Class) -> None:
    first, second = it.address("explorer-1"), it.address("explorer-2")
    for what, places in (("swapped", (second, first)), ("new", OTHER_ADDRESSES)):
        for service in ("explorer-1", "explorer-2"):
            it.move(service)
        it.move("explorer-1", places[0])
        it.move("explorer-2", places[1])
        # One server hangs, so that swapped addresses would be noticed.
        it.engine.run("pause", it.name("explorer-1"))
        try:
            taken = wait_for(f"an answer at {what} addresses", _answers_ten_times, HUNG_SECONDS * 3)
        finally:
            it.engine.run("unpause", it.name("explorer-1"))
        print(f"class: {what} addresses, and explorer-1 hung: all answers after {taken:.1f} s")
    wait_for("all healthy", it.all_healthy, HEALTHY_SECONDS)


def _answers_ten_times() -> bool:
    return all(ask("/healthz", timeout=HUNG_SECONDS).status == 200 for _ in range(10))


def _hung(it: Class) -> None:
    """Check that no request waits longer than the balancer's timeouts, and none is refused."""
    experiments = [new_experiment(seed=20 + each) for each in range(8)]
    for each in experiments:
        expect(200, frame(each, 5))
    for service in ("explorer-1", "explorer-2"):
        it.engine.run("pause", it.name(service))
        try:
            answers = [frame(each, 20) for each in experiments for _ in range(3)]
            answers.append(ask("/api/v1/experiments", {"dataset": {"name": "moons", "seed": 77}}))
        finally:
            it.engine.run("unpause", it.name(service))
        times = sorted(each.seconds for each in answers)
        print(
            f"class: {service} hung: {len(answers)} answers, "
            f"median {times[len(times) // 2]:.2f} s, slowest {times[-1]:.1f} s"
        )
        wrong = [each.status for each in answers if each.status not in (200, 201)]
        if wrong or times[-1] > HUNG_SECONDS:
            raise Failure(f"{service} hung: {wrong}, slowest {times[-1]:.1f} s")
    wait_for("all healthy", it.all_healthy, HEALTHY_SECONDS)


def _redis_gone(it: Class, experiment: str) -> None:
    # Its server has restarted since, so it reads the recipe from Redis once.
    expect(200, frame(experiment, 100))
    it.engine.run("stop", it.name("redis"))
    try:
        answers = [
            ask("/api/v1/experiments", {"dataset": {"name": "moons", "seed": 100 + each}})
            for each in range(4)
        ]
        known = expect(200, frame(experiment, 101))
    finally:
        it.engine.run("start", it.name("redis"))
    slowest = max(each.seconds for each in answers)
    print(f"class: Redis gone: 503 after {[f'{each.seconds:.2f}' for each in answers]} s")
    for each in answers:
        expect(503, each).problem  # noqa: B018 - it raises
        if "retry-after" not in each.headers:
            raise Failure("503 without Retry-After")
    if slowest > REDIS_GONE_SECONDS:
        raise Failure(f"Redis gone: a refusal took {slowest:.1f} s")
    print(f"class: Redis gone: a frame of a known experiment after {known.seconds:.2f} s")
    wait_for("all healthy", it.all_healthy, HEALTHY_SECONDS)
    wait_for("Redis is used again", lambda: ask("/api/v1/experiments", {}).status < 300, 20)


def _upgrade(it: Class) -> None:
    for service in ("explorer-1", "explorer-2"):
        time.sleep(SETTLE_SECONDS)
        words = ("up", "--detach", "--no-build", "--no-deps", "--force-recreate", "--wait")
        it.engine.run(*it.compose, *words, service)
