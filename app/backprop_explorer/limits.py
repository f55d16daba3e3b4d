"""What one request may ask for.

Apart from the settings, so that an experiment in a notebook does not load what reads them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MEBIBYTE = 1024 * 1024


class Limits(BaseModel):
    """What one request may ask for. The catalog publishes them; exceeding one is a 422."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_layers: int = Field(24, ge=1, description="Layers with weights in a network")
    max_units: int = Field(512, ge=1, description="Units in a layer, and features of a sample")
    max_parameters: int = Field(250_000, ge=1, description="Weights and biases in a network")
    max_samples: int = Field(10_000, ge=1, description="Samples in a data set")
    max_points: int = Field(1000, ge=1, description="Points in an experiment of its own data")
    max_columns: int = Field(100, ge=2, description="Columns in an uploaded table")
    max_cells: int = Field(200_000, ge=2, description="Cells in an uploaded table")
    max_trace_batch: int = Field(512, ge=1, description="Samples in a batch whose working is shown")
    max_steps: int = Field(
        10_000_000, ge=1, description="The last training step that can be asked for"
    )
    max_body_bytes: int = Field(4 * MEBIBYTE, ge=1024, description="Bytes in the body of a request")
    max_grid: int = Field(96, ge=2, description="Points on a side of the decision boundary's grid")
    max_edits: int = Field(200, ge=0, description="Edits in an experiment")
    max_sweep_cells: int = Field(65_536, ge=1, description="Cells in a sweep")
    max_sweep_updates: int = Field(
        200_000_000, ge=1, description="Updates in a sweep: cells × repeats × steps"
    )
    frame_budget_seconds: float = Field(
        0.25, gt=0, le=60, description="Training time in one request before it answers 202"
    )
    cache_bytes: int = Field(
        256 * MEBIBYTE, ge=MEBIBYTE, description="Memory for checkpoints and frames"
    )
