"""The schema of every error: a problem document (RFC 9457)."""

from __future__ import annotations

from pydantic import Field

from backprop_explorer.api.answers.base import Answer


class FieldError(Answer):
    """What is wrong with one field of the request."""

    field: str = Field(
        description="Path such as layers.0.W; body where the body is no JSON; may be empty"
    )
    message: str


class Problem(Answer):
    """An error, sent as application/problem+json."""

    type: str = Field(description="URN of the kind of problem")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="What happened, as a sentence")
    errors: list[FieldError] = Field(description="The fields to change; may be empty")
