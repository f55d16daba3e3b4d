"""The tables of EXPLORER_DATASETS in the catalog and in experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.main import create_app
from backprop_explorer.settings import ConfigurationError, Settings, load_settings
from tests.helpers.clients import MakeClient

RAIN = "pressure,humidity,rain\n" + "".join(
    f"{k % 7}.5,{k % 5},{'yes' if k % 3 else 'no'}\n" for k in range(30)
)


def given(settings: Settings, folder: Path, store: str) -> Settings:
    return settings.model_copy(update={"datasets": (str(folder),), "store": store})


def test_a_table_is_in_the_catalog_and_can_be_learned(
    tmp_path: Path, settings: Settings, make_client: MakeClient
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "rain.csv").write_text(RAIN)
    store = str(tmp_path / "store.sqlite3")
    client = make_client(create_app(given(settings, data, store)))
    (rain,) = client.get("/api/v1/catalog").json()["provided_datasets"]
    described = {k: rain[k] for k in ("name", "title", "task", "features", "classes", "size")}
    assert list(described.values()) == ["rain", "rain", "classification", 2, 2, 30]
    recipe = {"dataset": rain["dataset"], "network": {"layers": [{"units": 1}]}}
    recipe["network"]["layers"][0]["activation"] = "sigmoid"
    made: dict[str, Any] = client.post("/api/v1/experiments", json=recipe).json()
    frame = client.get(f"/api/v1/experiments/{made['id']}/frames/3").json()
    assert frame["step"] == 3
    # The file changes: the experiment does not.
    (data / "rain.csv").write_text(RAIN.replace("0.5,", "9.5,"))
    later = make_client(create_app(given(settings, data, store)))
    (changed,) = later.get("/api/v1/catalog").json()["provided_datasets"]
    assert changed["dataset"] != rain["dataset"]
    assert later.get(f"/api/v1/experiments/{made['id']}/frames/3").json() == frame


def test_the_server_does_not_start_with_a_broken_file(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "rain.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(ConfigurationError) as error:
        create_app(given(settings, tmp_path, ":memory:"))
    expected = f"EXPLORER_DATASETS: {tmp_path / 'rain.csv'}: row 3 has 1 cells, row 1 has 2"
    assert str(error.value) == expected


def test_folders_are_separated_as_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.pathsep", ":")
    monkeypatch.setenv("EXPLORER_DATASETS", "/a:/b b:")
    assert load_settings().datasets == ("/a", "/b b")
