"""What a stranger's address can make us do: over real sockets, with a resolver and an internet of our own."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs import fetching
from server.jobs.fetching import HOPS, Blocked, Fetcher, TooLarge, Unfetched, is_public
from tests.jobs.strangers import Internet, Script, Stranger, answer, certificate

PUBLIC, OTHER = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
HOST, CDN, REBOUND = "media.example.com", "cdn.example.net", "rebound.example.org"
Certificates = tuple[ssl.SSLContext, ssl.SSLContext]
SECRET = {"Authorization": "Bearer secret"}


class World:
    """A made-up internet with HOST and CDN in it, a server that only this machine should reach, and our fetcher."""

    def __init__(self, internet: Internet, fetcher: Fetcher, inside: Stranger) -> None:
        self.internet = internet
        self.fetcher = fetcher
        self.inside = inside
        self.outside = Stranger(self.host)
        self.scripts: dict[str, Script] = {}

    def host(self, head: str) -> bytes | None:
        name = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")).partition(":")[0]
        script = self.scripts.get(name)
        return answer(b"hello", Content_Type="image/png") if script is None else script(head)

    async def get(self, url: str, largest: int = 1_000_000, api: str = "", **headers: str) -> tuple[int, bytes]:
        async with self.fetcher.get(url, largest=largest, headers=headers or SECRET, api=api) as found:
            return found.status, b"".join([piece async for piece in found.pieces])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificate(tmp_path_factory.mktemp("tls"), HOST, CDN, REBOUND, PUBLIC)


@pytest.fixture
async def world(certificates: Certificates) -> AsyncIterator[World]:
    server, client = certificates
    internet = Internet()
    async with AsyncExitStack() as stack:
        inside = await stack.enter_async_context(Stranger(lambda head: answer(b"SECRETS")).listening())
        made = World(internet, Fetcher(internet.resolve, internet, client), inside)
        await stack.enter_async_context(made.outside.listening(server))
        for address in (PUBLIC, OTHER, "127.0.0.1", "169.254.169.254", "10.0.0.1"):
            internet.routes[address, 443] = made.outside.port
        internet.names = {HOST: [[PUBLIC]], CDN: [[OTHER, PUBLIC]], REBOUND: [[PUBLIC], ["127.0.0.1"]]}
        yield made


async def test_a_public_address_is_fetched(world: World) -> None:
    assert await world.get(f"https://{HOST}/a/b.png?c=d%20e") == (200, b"hello")
    assert world.internet.dialled == [(PUBLIC, 443)]
    (head,) = world.outside.asked
    lines = head.split("\r\n")
    assert lines[0] == "GET /a/b.png?c=d%20e HTTP/1.1"
    assert f"Host: {HOST}" in lines
    assert "Accept-Encoding: identity" in lines
    assert "Authorization: Bearer secret" in lines


#: addresses that must never be connected to, in all the ways they can be written
HOSTILE = [
    "http://media.example.com/",  # no TLS
    "https://media.example.com:8443/",
    "https://media.example.com:22/",
    "https://127.0.0.1/",
    "https://127.0.0.1:443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.0x1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://127.0.0.1./",
    "https://1.1.1.1.0x7f/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://168.63.129.16/",
    "https://100.100.100.200/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://192.0.0.192/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[fd00:ec2::254]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[100::1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://user:password@media.example.com/",
    "https://media.example.com@127.0.0.1/",
    "https://127.0.0.1\\@media.example.com/",
    "https://media.example.com\\.evil.example/",
    "https://media.example.com\t/",
    " https://media.example.com/",
    "https://media.exa\nmple.com/",
    "https:///etc/passwd",
    "https:media.example.com",
    "//media.example.com/",
    "/etc/passwd",
    "file:///etc/passwd",
    "ftp://media.example.com/",
    "gopher://127.0.0.1:11211/_stats",
    "data:text/html,x",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "",
    "https://media.example.com/" + "x" * 5_000,
    "https://%31%32%37.0.0.1/",
    "https://media.example.com:0/",
    "https://media.example.com:99999/",
]


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: url[:60].encode("ascii", "backslashreplace").decode())
async def test_hostile_addresses(world: World, url: str) -> None:
    """Nothing is dialled; not even a name is looked up that is a number in disguise."""
    with pytest.raises(Blocked):
        await world.get(url)
    assert world.internet.dialled == []
    assert world.internet.looked_up == []
    assert world.inside.asked == []


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::a00:1"],
        ["fd00:ec2::254"],
        [PUBLIC, "127.0.0.1"],  # one good one among them does not help
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "fe80::1%eth0"],
        [PUBLIC, "not an address"],
    ],
)
async def test_names_of_closed_addresses(world: World, answers: list[str]) -> None:
    world.internet.names[HOST] = [answers]
    with pytest.raises(Blocked):
        await world.get(f"https://{HOST}/")
    assert world.internet.dialled == []


async def test_a_name_that_changes_between_check_and_use(world: World) -> None:
    """It is looked up once for a connection, and what was checked is what is dialled; the next time it is refused."""
    assert await world.get(f"https://{REBOUND}/") == (200, b"hello")
    assert world.internet.looked_up == [REBOUND]
    assert world.internet.dialled == [(PUBLIC, 443)]
    with pytest.raises(Blocked):
        await world.get(f"https://{REBOUND}/")
    assert world.internet.dialled == [(PUBLIC, 443)]
    assert world.internet.looked_up == [REBOUND] * 2


async def test_a_name_that_changes_on_a_redirect_to_itself(world: World) -> None:
    world.scripts[REBOUND] = lambda head: answer(status="302 Found", Location="/again")
    with pytest.raises(Blocked):
        await world.get(f"https://{REBOUND}/")
    assert world.internet.dialled == [(PUBLIC, 443)]


async def test_the_certificate_is_that_of_the_name(world: World) -> None:
    world.internet.names["bank.example"] = [[PUBLIC]]
    with pytest.raises(Unfetched, match="CERTIFICATE"):
        await world.get("https://bank.example/")
    assert world.outside.asked == []


async def test_a_public_address_written_as_one(world: World) -> None:
    assert await world.get(f"https://{PUBLIC}/") == (200, b"hello")


async def test_a_second_address_is_tried(world: World) -> None:
    world.internet.names[HOST] = [["93.184.215.99", PUBLIC]]
    world.internet.routes["93.184.215.99", 443] = 1  # nobody listens
    assert (await world.get(f"https://{HOST}/"))[0] == 200
    assert [host for host, _ in world.internet.dialled] == ["93.184.215.99", PUBLIC]


async def test_names_nobody_has_are_asked_for_again_later(world: World) -> None:
    with pytest.raises(Unfetched):
        await world.get("https://nowhere.example/")


# ---------------------------------------------------------------- redirects


async def test_redirects_are_followed_without_credentials(world: World) -> None:
    world.scripts[HOST] = lambda head: answer(status="307 Temporary Redirect", Location=f"https://{CDN}/file")
    assert await world.get(f"https://{HOST}/") == (200, b"hello")
    first, second = world.outside.asked
    assert "secret" in first
    assert "secret" not in second
    assert [host for host, _ in world.internet.dialled] == [PUBLIC, OTHER]


async def test_credentials_do_not_come_back_by_way_of_another(world: World) -> None:
    def host(head: str) -> bytes:
        if "/end" in head:
            return answer(b"end")
        return answer(status="302 Found", Location=f"https://{CDN}/")

    world.scripts[HOST] = host
    world.scripts[CDN] = lambda head: answer(status="302 Found", Location=f"https://{HOST}/end")
    assert await world.get(f"https://{HOST}/") == (200, b"end")
    assert ["secret" in head for head in world.outside.asked] == [True, False, False]


@pytest.mark.parametrize(
    "location",
    [
        url
        for url in HOSTILE
        if url.startswith("https://")
        and not url.startswith("https:///")
        and url.isprintable()
        and url.isascii()
        and len(url) < 99
    ]
    + ["http://127.0.0.1/", "//127.0.0.1/", "//169.254.169.254/latest", "file:///etc/passwd", "http://[::1]/"],
)
async def test_redirects_lead_to_no_closed_address(world: World, location: str) -> None:
    world.scripts[HOST] = lambda head: answer(status="302 Found", Location=location)
    with pytest.raises(Blocked):
        await world.get(f"https://{HOST}/")
    assert len(world.internet.dialled) == 1
    assert world.inside.asked == []


async def test_redirects_end(world: World) -> None:
    world.scripts[HOST] = lambda head: answer(status="301 Moved", Location="/more")
    with pytest.raises(Blocked, match="redirects"):
        await world.get(f"https://{HOST}/")
    assert len(world.internet.dialled) == HOPS + 1


async def test_a_redirect_without_a_place_is_an_answer(world: World) -> None:
    world.scripts[HOST] = lambda head: answer(status="302 Found")
    assert (await world.get(f"https://{HOST}/"))[0] == 302


# ---------------------------------------------------------------- the API's own origin


async def test_the_api_may_be_on_this_machine(world: World) -> None:
    api = f"http://127.0.0.1:{world.inside.port}"
    assert await world.get(f"{api}/file", api=f"{api}/v1") == (200, b"SECRETS")
    for other in (
        f"http://localhost:{world.inside.port}/",
        f"https://127.0.0.1:{world.inside.port}/",
        f"http://127.0.0.1:{world.inside.port + 1}/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(Blocked):
            await world.get(other, api=f"{api}/v1")


async def test_nobody_else_leads_to_the_api(world: World) -> None:
    api = f"http://127.0.0.1:{world.inside.port}"
    world.scripts[HOST] = lambda head: answer(status="302 Found", Location=f"{api}/admin/delete")
    with pytest.raises(Blocked):
        await world.get(f"https://{HOST}/", api=api)
    assert world.inside.asked == []


async def test_the_api_leads_out(world: World) -> None:
    world.inside.script = lambda head: answer(status="307 Temporary Redirect", Location=f"https://{CDN}/x")
    api = f"http://127.0.0.1:{world.inside.port}"
    assert await world.get(f"{api}/file", api=api) == (200, b"hello")
    assert "secret" in world.inside.asked[0]
    assert "secret" not in world.outside.asked[0]
    world.inside.script = lambda head: answer(status="307 Temporary Redirect", Location="https://10.0.0.1/")
    with pytest.raises(Blocked):
        await world.get(f"{api}/file", api=api)


# ---------------------------------------------------------------- sizes and times


async def test_announced_too_large(world: World) -> None:
    world.scripts[HOST] = lambda head: answer(b"x", Content_Length="2000000")
    with pytest.raises(TooLarge):
        await world.get(f"https://{HOST}/")


async def test_larger_than_announced(world: World) -> None:
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    world.scripts[HOST] = lambda head: answer(Content_Length="", Transfer_Encoding="chunked") + chunk * 40
    with pytest.raises(TooLarge):
        await world.get(f"https://{HOST}/")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
async def test_encoded_though_not_asked_for(world: World, pack: object) -> None:
    coding = "gzip" if pack is gzip.compress else "deflate"
    body = pack(b"hello " * 1000)  # type: ignore[operator]
    world.scripts[HOST] = lambda head: answer(body, Content_Encoding=coding)
    assert await world.get(f"https://{HOST}/") == (200, b"hello " * 1000)
    world.scripts[HOST] = lambda head: answer(body[:-9], Content_Encoding=coding)
    with pytest.raises(Unfetched):
        await world.get(f"https://{HOST}/")
    world.scripts[HOST] = lambda head: answer(b"\x00not packed", Content_Encoding=coding)
    with pytest.raises(Unfetched):
        await world.get(f"https://{HOST}/")


async def test_a_decompression_bomb(world: World) -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert len(bomb) < 300_000
    world.scripts[HOST] = lambda head: answer(bomb, Content_Encoding="gzip")
    with pytest.raises(TooLarge):
        await world.get(f"https://{HOST}/")


async def test_an_encoding_nobody_asked_for(world: World) -> None:
    world.scripts[HOST] = lambda head: answer(b"x", Content_Encoding="br")
    with pytest.raises(Blocked):
        await world.get(f"https://{HOST}/")


async def test_a_body_that_trickles(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece often enough for every time-out, and never an end."""
    monkeypatch.setattr(fetching, "GRACE", 0.2)

    class Trickling(Stranger):
        async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b".")
                await asyncio.sleep(0.01)

    async with Trickling(lambda head: None).listening() as slow:
        api = f"http://127.0.0.1:{slow.port}"
        with pytest.raises(Unfetched, match="bytes in"):
            await world.get(api, api=api)


async def test_a_server_that_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "READ", 0.2)
    world.scripts[HOST] = lambda head: None
    with pytest.raises(Unfetched):
        await world.get(f"https://{HOST}/")


@pytest.mark.parametrize("said", [b"", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
async def test_what_is_no_answer(world: World, said: bytes) -> None:
    world.scripts[HOST] = lambda head: said
    with pytest.raises(Unfetched):
        await world.get(f"https://{HOST}/")


async def test_the_systems_resolver() -> None:
    assert "127.0.0.1" in await fetching.resolve("localhost", 443)
    with pytest.raises(Blocked):
        async with Fetcher().get("https://localhost/", largest=1):
            pass


# ---------------------------------------------------------------- addresses


@given(st.ip_addresses(v=4))
def test_every_special_address_is_closed(address: object) -> None:
    if not address.is_global or address.is_multicast:  # type: ignore[attr-defined]
        assert not is_public(str(address))


@given(st.ip_addresses(v=6))
def test_every_special_v6_address_is_closed(address: object) -> None:
    mapped = address.ipv4_mapped or address.sixtofour or address.teredo  # type: ignore[attr-defined]
    if not address.is_global or address.is_multicast or mapped:  # type: ignore[attr-defined]
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_no_v4_address_in_v6_clothes_is_public(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    for start in ("::ffff:", "::", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(f"{start}{address}")
    assert not is_public(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


@pytest.mark.parametrize("address", [PUBLIC, OTHER, "8.8.8.8", "2001:4860:4860::8888", "1.1.1.1", "2001:200::1"])
def test_the_rest_is_open(address: str) -> None:
    assert is_public(address)


@given(st.text())
def test_whatever_is_written(url: str) -> None:
    try:
        found = fetching.parse(url)
    except Blocked:
        return
    assert found.scheme in ("http", "https")
    assert found.host.isascii()
