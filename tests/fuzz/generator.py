"""Random requests from the server's own OpenAPI document: mostly right in form, often not, sometimes absurd."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.fuzz.mutations import junk, spoil, spoiled

#: paths (after the API's prefix) that a test must not walk through the middle of
SESSION = "/sessions/current"


@dataclass
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    operation: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def __str__(self) -> str:
        shown = "" if self.body is None else repr(self.body[:300])
        return f"{self.method} {self.path[:300]} {self.headers} {shown}"


class Generator:
    """`names`: values for `{name}` and for fields that speak of people, teams and channels; `ids`: of what there is."""

    def __init__(self, document: dict[str, Any], chance: random.Random, names: list[str], ids: list[int]) -> None:
        self.document = document
        self.chance = chance
        self.names = names
        self.ids = ids
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def request(self, method: str, path: str, operation: dict[str, Any]) -> Request:
        """A random request of one operation."""
        chance = self.chance
        headers: dict[str, str] = {}
        query: list[tuple[str, str]] = []
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", quote(self._in_path(parameter), safe=""))
            elif parameter["in"] == "query" and chance.random() < 0.6:
                query.append((parameter["name"], self._word(parameter["schema"])))
            elif parameter["in"] == "header" and chance.random() < 0.3:
                headers[parameter["name"]] = chance.choice(("k1", "k2", "x" * 200, "x" * 201, "a b", "\xe9", "ok-3"))
        if chance.random() < 0.05:
            query.append(
                (chance.choice(("limit", "x", "", "view")), str(junk(chance))[:200].encode("utf-8", "replace").decode())
            )
        if query:
            path += "?" + urlencode(query, errors="replace")
        body = self._body(operation, headers)
        return Request(method, path, operation["operationId"], headers, body)

    # ------------------------------------------------------------ parameters

    def _in_path(self, parameter: dict[str, Any]) -> str:
        if parameter["schema"].get("type") == "integer":
            wrong = ("0", "-1", "abc", "1.5", str(2**53), str(2**63), str(10**30), "1e3", "٣", " 1", "%00", "01")
            return str(self.chance.choice(self.ids)) if self.chance.random() < 0.6 else self.chance.choice(wrong)
        strange = ("nobody", "..", "a/b", "%", "\x00", "ñandú", "x" * 400, "' OR 1", "😩", "new\nline", "root ")
        return self.chance.choice(self.names) if self.chance.random() < 0.6 else self.chance.choice(strange)

    def _word(self, schema: dict[str, Any]) -> str:
        value = self.value(schema) if self.chance.random() < 0.6 else junk(self.chance)
        text = value if isinstance(value, str) else json.dumps(value)
        return text[:6_000].encode("utf-8", "replace").decode()

    # ------------------------------------------------------------ bodies

    def _body(self, operation: dict[str, Any], headers: dict[str, str]) -> bytes | None:
        wanted = operation.get("requestBody")
        if wanted is None:
            return None if self.chance.random() < 0.9 else b'{"not": "asked for"}'
        content = wanted["content"]
        if "application/json" not in content:
            headers["Content-Type"] = self.chance.choice(("image/png", "text/html; x=y", "", "/", "application/pdf"))
            headers["X-File-Name"] = self.chance.choice(("a.pdf", "..%2f..%2fx", "%ff%fe", "", "%00.exe", "x" * 500))
            return bytes(self.chance.randrange(256) for _ in range(self.chance.choice((0, 1, 500))))
        headers["Content-Type"] = self.chance.choice(("application/json",) * 4 + ("text/plain", "application/xml"))
        value = self.value(content["application/json"]["schema"])
        what = self.chance.random()
        if what < 0.45:
            return _encoded(value)
        if what < 0.75:
            return _encoded(spoil({"": value}, self.chance).get(""))
        if what < 0.9:
            return spoiled(json.dumps(value), self.chance)
        if what < 0.93:  # larger than any body may be
            return b'{"text": "' + b"x" * (1_200_000) + b'"}'
        return _encoded(junk(self.chance))

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A value that fits a schema, mostly."""
        chance = self.chance
        if "$ref" in schema:
            return self.value(self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], depth)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self.value(chance.choice(schema[several]), depth)
        match schema.get("type"):
            case "object" if "properties" in schema:
                needed = schema.get("required", ())
                return {
                    name: self.value(inner, depth + 1)
                    for name, inner in schema["properties"].items()
                    if name in needed or chance.random() < 0.7
                }
            case "object":
                return {
                    chance.choice(("phone_number_id", "origins", "x", "title")): "1"
                    for _ in range(chance.randint(0, 3))
                }
            case "array":
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(chance.randint(0, 3))]
            case "integer":
                return chance.choice((*self.ids, 0, -1, 1, 5_000, 2**53, 2**63, 10**20))
            case "number":
                return chance.choice((0, 1.5, -1e9))
            case "boolean":
                return chance.random() < 0.5
            case "null":
                return None
            case "string":
                words = ("hola", "", " ", "x" * 5_000, "ñ😩\u202e", "a\x00b", "AND (", '"', "*", "5-1", "end", "-")
                return chance.choice((*self.names, *words))
        return junk(chance)


def _encoded(value: Any) -> bytes:
    try:
        return json.dumps(value).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b"[" * 5_000
