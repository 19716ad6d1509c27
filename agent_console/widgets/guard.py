"""A fault in one handler costs the advisor neither the console nor a word of what they wrote.

Textual ends the app at the first exception. Handlers that run with every key or event are `guarded`: the fault is
logged, the status line says that something went wrong, and the console goes on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
W = TypeVar("W", bound="_HasApp")


class _HasApp(Protocol):
    @property
    def app(self) -> Any: ...


def guarded(handler: Callable[Concatenate[W, P], None]) -> Callable[Concatenate[W, P], None]:
    """Hand an exception of `handler` to `app.fault` instead of ending the app."""

    @functools.wraps(handler)
    def safe(self: W, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            handler(self, *args, **kwargs)
        except Exception as error:
            self.app.fault(error)

    return safe
