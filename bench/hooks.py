"""Signed WhatsApp webhooks as the provider sends them, over as many connections as there are senders."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

SECRET = "bench-app-secret"
SETTINGS = {
    "phone_number_id": "106540352242922",
    "access_token": "t",
    "app_secret": SECRET,
    "verify_token": "v",
    "graph_url": "http://127.0.0.1:9",
}
PEOPLE = 400
TEXT = "buenos días, ¿me ayuda con el saldo de mi tarjeta? es la consulta"


def message(tag: str, number: int, text: str = "", people: int = PEOPLE) -> bytes:
    """A text message with its own id, of one of some hundred members."""
    person = number % people
    phone = f"5037{person:07}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "50322223333", "phone_number_id": SETTINGS["phone_number_id"]},
        "contacts": [{"profile": {"name": f"Socia {person}"}, "wa_id": phone}],
        "messages": [
            {
                "from": phone,
                "id": f"wamid.HBgLNTAzNzAwMDAwMDAVAgASGBQ{tag}{number:08}",
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": text or f"{TEXT} {number}"},
            }
        ],
    }
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def request(path: str, body: bytes) -> bytes:
    """The whole HTTP request, ready to be written."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> int:
    """Write one request, read its answer; the status."""
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:") and (length := int(line[15:])):
            await reader.readexactly(length)
    return int(head[9:12])


async def load(port: int, path: str, senders: int, seconds: float, tag: str) -> tuple[list[float], float]:
    """Send as fast as answers come, from `senders` connections at once. (seconds of each, seconds in all).

    Raises AssertionError on any answer but 200.
    """
    numbers: Iterator[int] = iter(range(10**8))
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            data = request(path, message(tag, next(numbers)))
            started = time.perf_counter()
            status = await post(reader, writer, data)
            took.append(time.perf_counter() - started)
            assert status == 200, f"HTTP {status}"
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(senders)))
    return took, time.perf_counter() - started
