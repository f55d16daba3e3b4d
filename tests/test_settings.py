from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from backprop_explorer.host_names import ignored_ports
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import (
    OWN_PATHS,
    ClassroomSettings,
    ConfigurationError,
    Settings,
    load_settings,
)

LOCAL = ("localhost", "127.0.0.1", "[::1]")


def test_by_default_only_this_machine_is_served() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.allowed_hosts == LOCAL


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", LOCAL),
        ("::1", LOCAL),
        ("0.0.0.0", (*LOCAL, "desk-7", "desk-7.local")),
        ("::", (*LOCAL, "desk-7", "desk-7.local")),
        ("192.168.1.5", (*LOCAL, "192.168.1.5")),
        ("fd00::0005", (*LOCAL, "[fd00::5]")),
        ("Desk.example", (*LOCAL, "desk.example")),
    ],
)
def test_the_address_to_listen_on_is_allowed_too(
    monkeypatch: pytest.MonkeyPatch, host: str, expected: tuple[str, ...]
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Desk-7")
    assert load_settings(host=host).allowed_hosts == expected


def test_environment_variables_set_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_PORT", "9000")
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", "a.example, 10.0.0.1,*.b.example")
    monkeypatch.setenv("EXPLORER_LIMITS__MAX_UNITS", "64")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.allowed_hosts == ("a.example", "10.0.0.1", "*.b.example")
    assert settings.limits == Limits(max_units=64)
    monkeypatch.setenv("EXPLORER_CLASSROOM__MAX_STUDENTS", "40")
    assert load_settings().classroom == ClassroomSettings(max_students=40)


def test_folders_with_lessons_and_the_policy_for_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_LESSONS__SOLUTIONS", "never")
    assert load_settings().lessons.solutions == "never"
    monkeypatch.setenv("EXPLORER_LESSONS", os.pathsep.join(["/a", "/b b", ""]))
    lessons = load_settings().lessons
    assert (lessons.folders, lessons.solutions) == (("/a", "/b b"), "never")
    assert not load_settings().lessons_python
    monkeypatch.setenv("EXPLORER_LESSONS_PYTHON", "1")
    assert load_settings().lessons_python


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_PORT", "9000")
    assert load_settings(port=9001).port == 9001


def test_an_empty_list_of_hosts_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", "")
    assert load_settings().allowed_hosts == LOCAL


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("EXPLORER_PORT", "http", "valid integer"),
        ("EXPLORER_PORT", "70000", "65535"),
        ("EXPLORER_LOG_LEVEL", "loud", "'debug'"),
        ("EXPLORER_LIMITS__MAX_UNITS", "0", "greater than or equal to 1"),
        ("EXPLORER_LIMITS__MAX_UNIT", "5", "did you mean EXPLORER_LIMITS__MAX_UNITS?"),
        ("EXPLORER_CLASSROOM__MAX_STUDENT", "5", "EXPLORER_CLASSROOM__MAX_STUDENTS?"),
        ("EXPLORER_LIMITS_MAX_UNITS", "5", "did you mean EXPLORER_LIMITS__MAX_UNITS?"),
        ("EXPLORER_ALOWED_HOSTS", "a", "did you mean EXPLORER_ALLOWED_HOSTS?"),
        ("explorer_hosts", "a", "did you mean EXPLORER_HOST?"),
        ("EXPLORER_BANANA", "a", "the README lists"),
        ("EXPLORER_LIMITS__MAX_STEPS__X", "1", "unknown setting"),
        ("EXPLORER_ROOT_PATH", "user/name", "must be a path such as /user/name/proxy/8000"),
        ("EXPLORER_ROOT_PATH", "https://a.example/x", "must be a path"),
        ("EXPLORER_ROOT_PATH", "//a.example/x", "must be a path"),
        ("EXPLORER_ROOT_PATH", "/a/../b", "must be a path"),
        ("EXPLORER_ROOT_PATH", '/"><script>', "must be a path"),
        ("EXPLORER_ROOT_PATH", "/lessons/of/ours", "must not begin with /lessons"),
        ("EXPLORER_ALLOWED_HOSTS", "a.example:http", "must be a name or an address"),
        ("EXPLORER_ALLOWED_HOSTS", "[::1", "must be a name or an address"),
        ("EXPLORER_ALLOWED_HOSTS", "a:b:c", "must be a name or an address"),
        ("EXPLORER_ALLOWED_HOSTS", "[a.example]:8000", "must be a name or an address"),
        ("EXPLORER_LIMITS", "{", "JSON"),
        ("EXPLORER_PROXIES", "10.0.0.1,*", "IPv4 or IPv6 network"),
        ("EXPLORER_ALLOWED_HOSTS", "http://a.example", "without http://"),
        ("EXPLORER_ALLOWED_HOSTS", "a.*", "*.example.org"),
    ],
)
def test_a_bad_value_is_explained_in_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"{variable}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("given", "expected", "noted"),
    [
        ("192.168.1.5:8000", "192.168.1.5", True),
        ("Desk.example:8000", "desk.example", True),
        ("desk.example:", "desk.example", True),
        ("*.desk.example:8000", "*.desk.example", True),
        ("[fd00::0005]:8000", "[fd00::5]", True),
        ("[fd00::0005]", "[fd00::5]", False),
        ("fd00::0005", "[fd00::5]", False),
        ("192.168.1.5", "192.168.1.5", False),
    ],
)
def test_a_port_of_an_allowed_host_is_removed(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: str, noted: bool
) -> None:
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", f"a.example, {given}")
    assert load_settings().allowed_hosts == ("a.example", expected)
    assert ignored_ports(f"a.example, {given}") == ((given,) if noted else ())


@pytest.mark.parametrize("name", ["", "42", "a b", "localhost", "desk.example.org"])
def test_names_of_the_machine_that_no_browser_sends(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: name)
    added = load_settings(host="0.0.0.0").allowed_hosts[len(LOCAL) :]
    assert all(each and each != "localhost" and " " not in each for each in added)
    assert "desk.example.org.local" not in added


def test_own_addresses_are_answered_unless_names_are_chosen() -> None:
    assert load_settings(host="0.0.0.0").answers_own_addresses
    assert load_settings(host="::").answers_own_addresses
    assert not load_settings().answers_own_addresses
    assert not load_settings(host="192.168.1.5").answers_own_addresses
    assert not load_settings(host="0.0.0.0", allowed_hosts="a.example").answers_own_addresses


def test_variables_of_tests_and_other_programs_are_not_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXPLORER_CHROMIUM", "/usr/bin/chromium")
    monkeypatch.setenv("EXPLORERS", "1")
    monkeypatch.setenv("explorer_port", "9000")
    assert load_settings().port == 9000


def test_a_wrong_name_in_a_json_setting_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_LIMITS", '{"max_unit": 5}')
    with pytest.raises(ConfigurationError, match="did you mean EXPLORER_LIMITS__MAX_UNITS"):
        load_settings()


def test_the_slash_at_the_end_of_a_root_path_is_removed() -> None:
    assert load_settings(root_path="/user/a%40b.org/proxy/8401/").root_path == (
        "/user/a%40b.org/proxy/8401"
    )
    assert load_settings(root_path="/").root_path == ""


def test_paths_that_no_root_path_may_begin_with_are_those_of_the_program() -> None:
    app = create_app(Settings(store=":memory:"))
    first = {str(getattr(route, "path", "")).split("/")[1] for route in app.router.routes}
    assert set(OWN_PATHS) == first - {""}


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.limits.max_units = 1  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    for model in (Settings, Limits, ClassroomSettings):
        undescribed = [name for name, info in model.model_fields.items() if not info.description]
        assert undescribed == []
