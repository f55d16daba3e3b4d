from __future__ import annotations

import pytest
from backprop_explorer.settings import (
    ConfigurationError,
    Limits,
    Settings,
    is_loopback,
    load_settings,
)
from pydantic import ValidationError

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
        ("0.0.0.0", LOCAL),
        ("::", LOCAL),
        ("192.168.1.5", (*LOCAL, "192.168.1.5")),
        ("fd00::0005", (*LOCAL, "[fd00::5]")),
        ("Desk.example", (*LOCAL, "desk.example")),
    ],
)
def test_the_address_to_listen_on_is_allowed_too(host: str, expected: tuple[str, ...]) -> None:
    assert load_settings(host=host).allowed_hosts == expected


def test_environment_variables_set_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_PORT", "9000")
    monkeypatch.setenv("EXPLORER_ALLOWED_HOSTS", "a.example, 10.0.0.1,*.b.example")
    monkeypatch.setenv("EXPLORER_LIMITS__MAX_UNITS", "64")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.allowed_hosts == ("a.example", "10.0.0.1", "*.b.example")
    assert settings.limits == Limits(max_units=64)


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
        ("EXPLORER_LIMITS__MAX_UNIT", "5", "not permitted"),
        ("EXPLORER_LIMITS", "{", "JSON"),
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


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.limits.max_units = 1  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    for model in (Settings, Limits):
        undescribed = [name for name, info in model.model_fields.items() if not info.description]
        assert undescribed == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.5", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
