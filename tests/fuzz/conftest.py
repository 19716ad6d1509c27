"""Fuzz tests tell what they did, and the seed to do it again: a line in the summary."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`say(line)` shows a line at the end of the run, also from another process."""

    def say(line: str) -> None:
        request.node.user_properties.append(("said", line))

    return say
