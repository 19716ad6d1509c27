"""The OpenAPI 3.1 document, made from the table of routes and the shapes of the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args, get_origin

import msgspec

from server import wire
from server.routes.endpoint import Endpoint

REFERENCE = "#/components/schemas/{name}"


def document(table: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """The whole document, as plain JSON values."""
    endpoints = list(table)
    shapes: list[Any] = [wire.Problem, wire.ClientFrame, wire.FeedEvent, wire.ServerFrame]
    shapes += [shape for e in endpoints for shape in (e.body, e.answer) if shape is not None]
    unique = list(dict.fromkeys(shapes))
    schemas, components = msgspec.json.schema_components(unique, ref_template=REFERENCE)
    schema_of = dict(zip(unique, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "agent-console",
            "version": version,
            "description": "Times are UTC milliseconds; ids fit in 53 bits. Lists come in pages with opaque cursors."
            " Calls that change something take an Idempotency-Key. Errors are problem documents with a stable `code`."
            f" Answers to somebody signed in name the organisation's time zone in {wire.ZONE_HEADER}."
            " The live feed is a websocket at /feed: send ClientFrame, receive FeedEvent and ServerFrame.",
        },
        "servers": [{"url": wire.API}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "Problem": {
                    "description": "What went wrong, by its `code`",
                    "content": {"application/problem+json": {"schema": schema_of[wire.Problem]}},
                }
            },
        },
    }


def _operation(endpoint: Endpoint, schema_of: dict[Any, Any]) -> dict[str, Any]:
    needs = "nobody needs to be signed in" if endpoint.needs is None else f"least role: {endpoint.needs}"
    codes = f"; codes: {', '.join(endpoint.codes)}" if endpoint.codes else ""
    operation: dict[str, Any] = {
        "operationId": operation_id(endpoint),
        "summary": endpoint.summary,
        "description": f"{needs}{codes}",
        "tags": [endpoint.path.split("/")[1]],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {str(_status(endpoint)): _answer(endpoint, schema_of), "default": _PROBLEM},
    }
    if endpoint.needs is None:
        operation["security"] = []
    if endpoint.method != "GET" and endpoint.needs is not None:
        operation["parameters"].append(_IDEMPOTENCY_KEY)
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[endpoint.body]}},
        }
    elif endpoint.raw and endpoint.method != "GET":
        operation["requestBody"] = {"required": True, "content": {endpoint.raw: {}}}
    return operation


_PROBLEM = {"$ref": "#/components/responses/Problem"}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same call does it once; with another call it is refused (key_reused)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def operation_id(endpoint: Endpoint) -> str:
    """`GET /conversations/{id}/messages` → `get_conversations_id_messages`."""
    return re.sub(r"\W+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_")


def _status(endpoint: Endpoint) -> int:
    empty = endpoint.answer is None and not (endpoint.raw and endpoint.method == "GET")
    return 204 if empty else endpoint.status


def _answer(endpoint: Endpoint, schema_of: dict[Any, Any]) -> dict[str, Any]:
    if endpoint.answer is not None:
        described = {"application/json": {"schema": schema_of[endpoint.answer]}}
        return {"description": _name(endpoint.answer), "content": described}
    if endpoint.raw and endpoint.method == "GET":
        return {"description": "The bytes", "content": {endpoint.raw: {}}}
    return {"description": "Done"}


def _name(shape: Any) -> str:
    inner = get_args(shape)
    name = getattr(get_origin(shape) or shape, "__name__", str(shape))
    return f"{name} of {inner[0].__name__}" if inner else str(name)


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if name == "id" else {"type": "string"}}
        for name in endpoint.parameters
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    (_, components) = msgspec.json.schema_components([endpoint.query], ref_template=REFERENCE)
    schema = components[endpoint.query.__name__]
    parameters = []
    for name, described in schema["properties"].items():
        shown = {key: value for key, value in described.items() if key != "description"}
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shown}
        if "description" in described:
            parameter["description"] = described["description"]
        parameters.append(parameter)
    return parameters
