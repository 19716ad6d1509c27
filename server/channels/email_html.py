"""HTML to text."""

from __future__ import annotations

TEXT_LIMIT = 1_000_000


def html_to_text(html: str) -> tuple[str, str]:
    from inscriptis import get_text  # type: ignore[import-untyped]

    return get_text(html), ""
