"""The customer edited where they are shown."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.api import ApiError
from agent_console.screens.customer_form import changes
from server import wire
from tests.console.desk import Desk, console
from tests.console.settled import settled

CONTACT = wire.Contact(
    id=101, name="María Ramos", language="es", region="San Miguel",
    attributes={"profile": "socia", "cuotas": 3, "vip": True, "agencia": "Centro"},
)  # fmt: skip


def ready(desk: Desk) -> None:
    desk.session.fake_api.answers["GET", "/contacts/"] = CONTACT
    desk.session.fake_api.answers["PATCH", "/contacts/"] = CONTACT


def patched(desk: Desk) -> list[Any]:
    return [msgspec.json.decode(call.body or b"") for call in desk.session.fake_api.asked if call.method == "PATCH"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_edited_at_every_size(size: tuple[int, int]) -> None:
    async with console(size=size) as desk:
        ready(desk)
        if size[0] < 120:
            await desk.press("p", "enter")  # the pane has the keys
        else:
            await desk.press("enter", "ctrl+e")
        await settled(desk.pilot)
        assert "Customer: María Ramos" in desk.screen and "agencia" in desk.screen
        await desk.press("tab", "ctrl+u")
        await desk.write("Oriente")
        await desk.press("enter")
        await settled(desk.pilot)
        assert patched(desk) == [{"region": "Oriente"}], "only what was changed is sent"
        assert "Customer:" not in desk.screen and "María Ramos: noted" in desk.status
        await desk.press("z")
        await settled(desk.pilot)
        assert patched(desk)[-1] == {"region": "San Miguel"}


async def test_attributes_are_added_changed_and_removed() -> None:
    async with console() as desk:
        ready(desk)
        await desk.press("ctrl+e")
        await settled(desk.pilot)
        await desk.press("tab", "tab", "tab", "ctrl+u")
        await desk.write("empresa")
        await desk.press("tab", "ctrl+u", "4", "tab", "tab", "ctrl+u")
        assert "will be removed" in desk.screen
        await desk.press("tab")
        await desk.write("dui = 0123; oficio = sastre")
        await desk.press("enter")
        await settled(desk.pilot)
        assert patched(desk) == [
            {"attributes": {"profile": "empresa", "cuotas": 4, "agencia": None, "dui": "0123", "oficio": "sastre"}}
        ]
        await desk.press("z")
        await settled(desk.pilot)
        assert patched(desk)[-1] == {
            "attributes": {"profile": "socia", "cuotas": 3, "agencia": "Centro", "dui": None, "oficio": None}
        }


async def test_a_refusal_keeps_what_was_typed() -> None:
    async with console() as desk:
        ready(desk)
        refusal = ApiError(wire.Problem(status=422, code="invalid", detail="a language looks like es or pt-BR"), 422)
        desk.session.fake_api.answers["PATCH", "/contacts/"] = refusal
        await desk.press("ctrl+e")
        await settled(desk.pilot)
        await desk.press("tab", "tab", "ctrl+u")
        await desk.write("castellano")
        await desk.press("enter")
        await settled(desk.pilot)
        assert "castellano" in desk.screen and "Customer:" in desk.screen
        await desk.press("shift+tab", "shift+tab", "ctrl+u", "enter")
        assert "A customer has a name." in desk.screen


async def test_nothing_changed_sends_nothing() -> None:
    async with console() as desk:
        ready(desk)
        await desk.press("ctrl+e")
        await settled(desk.pilot)
        await desk.press("enter")
        await settled(desk.pilot)
        assert patched(desk) == [] and "Customer:" not in desk.screen


_words = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=";="), max_size=12)
_values = st.one_of(_words, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.floats(-1e9, 1e9))


@given(
    attributes=st.dictionaries(_words.filter(lambda name: name == name.strip() != ""), _values, max_size=5),
    typed=st.lists(_words, min_size=9, max_size=9),
    new=_words,
)
def test_what_is_put_back_is_what_was(attributes: dict[str, Any], typed: list[str], new: str) -> None:
    contact = wire.Contact(id=1, name="a", language="es", region="r", attributes=attributes)
    values = {"name": typed[0], "region": typed[1], "language": typed[2], "profile": typed[3], "new": f"k={new}"}
    for name, text in zip((name for name in attributes if name != "profile"), typed[4:], strict=False):
        values[f"attribute:{name}"] = text
    change, back = changes(contact, values)
    if change is None or back is None:
        return
    after = {**attributes, **(change.attributes or {})}
    after = {name: value for name, value in after.items() if value is not None}
    restored = {**after, **(back.attributes or {})}
    assert {name: value for name, value in restored.items() if value is not None} == attributes
