"""The message templates that the Graph stand-in knows: kept, listed page by page, and what they need to be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from server.sandbox.graph_rules import GraphError

if TYPE_CHECKING:
    from server.sandbox.graph_state import State

_HOLE = re.compile(r"\{\{\s*\w+\s*\}\}")
#: templates on one page of the list, unless fewer are asked for
PAGE = 25


def keep(
    state: State, name: str, language: str, components: list[dict[str, Any]], *, category: str, status: str
) -> None:
    """A template with these components, as Graph describes them; only an approved one can be sent."""
    body = next((part.get("text", "") for part in components if part.get("type") == "BODY"), "")
    if status == "APPROVED":
        state.templates[name, language] = len(set(_HOLE.findall(body)))
    else:
        state.templates.pop((name, language), None)
    state.components[name, language] = {"components": components, "category": category, "status": status}


def listing(state: State, after: str, limit: int, url: str) -> dict[str, Any]:
    """One page of all templates. Raises GraphError for a place that never was."""
    every = [_one(state, *key) for key in sorted({*state.templates, *state.components})]
    if after and not after.isdigit():
        raise GraphError(100, "Invalid cursors values")
    first = int(after or 0)
    shown = every[first : first + min(limit, PAGE)]
    last = first + len(shown)
    paging: dict[str, Any] = {"cursors": {"before": str(first), "after": str(last)}}
    if last < len(every):
        paging["next"] = f"{url}?after={last}"
    return {"data": shown, "paging": paging} if shown else {"data": []}


def _one(state: State, name: str, language: str) -> dict[str, Any]:
    holes = " ".join(f"{{{{{n}}}}}" for n in range(1, state.templates.get((name, language), 0) + 1))
    plain = {
        "components": [{"type": "BODY", "text": f"{name} {holes}".strip()}],
        "category": "UTILITY",
        "status": "APPROVED",
    }
    kept = state.components.get((name, language), plain)
    id = str(abs(hash((name, language))) % 10**15)
    return {"id": id, "name": name, "language": language, "parameter_format": "POSITIONAL", **kept}
