"""What is noted of a customer besides name, region and language, as it is typed: words, numbers, yes or no. Pure."""

from __future__ import annotations

#: the attribute that says what a customer is to the organisation (member, business …)
PROFILE = "profile"


def text(value: object) -> str:
    """An attribute as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def value(typed: str, was: object) -> str | int | float | bool | None:
    """What was typed, of the kind that it was before where it can be; nothing: it is removed."""
    if not typed:
        return None
    if isinstance(was, bool):
        return {"true": True, "false": False}.get(typed.casefold(), typed)
    for kind in (int, float):
        if isinstance(was, kind):
            try:
                return kind(typed)
            except ValueError:
                continue
    return typed
