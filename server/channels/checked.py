"""Settings that several adapters check the same way. Each raises `BadSettings`, whose English says what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from server.channels.base import BadSettings

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VISIBLE = re.compile(r"[\x21-\x7e]+")


def one_of(setting: str, value: str, choices: Sequence[str]) -> None:
    """The value is one of few words."""
    if value not in choices:
        detail = f"{setting} must be one of {', '.join(choices)}"
        raise BadSettings("one_of", detail, setting=setting, choices=list(choices))


def one_line(setting: str, value: str) -> None:
    """The value has no control characters."""
    if _CONTROL.search(value):
        raise BadSettings("one_line", f"{setting} cannot have line breaks: write it as one line", setting=setting)


def token(setting: str, value: str) -> None:
    """The value can be a token: visible ASCII, as one gets it by copying all of it and no more."""
    if not _VISIBLE.fullmatch(value):
        raise BadSettings("token", f"{setting} has characters that no token has: copy it again, whole", setting=setting)


def number(setting: str, value: str, least: int, most: int) -> int:
    """The value as a whole number within bounds."""
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        detail = f"{setting} must be a number from {least} to {most}"
        raise BadSettings("number", detail, setting=setting, least=least, most=most)
    return int(value)


def web_address(setting: str, value: str, example: str) -> SplitResult:
    """The parts of an address that can be called."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise no_web_address(setting, example)
    return parts


def no_web_address(setting: str, example: str) -> BadSettings:
    """The value cannot be called."""
    return BadSettings("url", f"{setting} must be an http(s) URL like {example}", setting=setting, example=example)
