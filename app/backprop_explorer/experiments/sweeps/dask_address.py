"""Check that Dask is installed where a cluster is to be used."""

from __future__ import annotations

import importlib.util

from backprop_explorer.settings import ConfigurationError


def check_dask(address: str) -> None:
    """Raise ConfigurationError if there is an address and Dask is not installed."""
    if address and importlib.util.find_spec("distributed") is None:
        raise ConfigurationError("EXPLORER_DASK: needs Dask: pip install 'backprop-explorer[dask]'")
