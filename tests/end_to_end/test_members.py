"""The simulated members: what they know, what they answer, and that there are enough of them."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from server.sandbox.members import STORIES, Deck, Member, cast
from server.sandbox.members_story import Facts, Mind, Part, Story, asks, photo, topic_of

#: how each channel calls people
ADDRESSES = {
    "whatsapp": r"5037\d{7}|SV\.\d{20}",
    "messenger": r"6\d{15}",
    "instagram": r"17\d{14}",
    "telegram": r"5\d{9}",
    "sms": r"\+5037\d{7}",
    "email": r"[a-z0-9.]+@[a-z]+\.example",
    "webchat": r"[\w-]{43}",
    "webhook": r"socio-\d{5}",
}
FACTS = Facts(
    first="María",
    full="María Ramos",
    town="San Miguel",
    agency="San Miguel Centro",
    phone="7000-0001",
    id="01234567-8",
    amount="120",
)


def mind_of(*opening: str, **more: object) -> Mind:
    return Mind(Story(name="test", opening=opening, **more), FACTS, random.Random(1))  # type: ignore[arg-type]


def texts(parts: list[Part]) -> list[str]:
    return [part.text for part in parts]


def test_the_same_seed_makes_the_same_people() -> None:
    assert cast(7, 30) == cast(7, 30)
    assert cast(7, 30)[:12] == cast(7, 12)
    assert cast(7, 30) != cast(8, 30)


def test_everybody_can_be_told_apart_and_reached() -> None:
    members = cast(3, 300)
    assert len({member.key for member in members}) == 300
    for member in members:
        assert re.fullmatch(ADDRESSES[member.line], member.address), member
        assert re.fullmatch(r"5037\d{7}", member.phone)
        assert member.mail.endswith(".example")


def test_a_demo_has_every_channel_hidden_numbers_and_two_languages() -> None:
    members = cast(7, 24)
    lines = Counter(member.line for member in members)
    assert set(lines) == set(ADDRESSES)
    assert 0.4 < lines["whatsapp"] / len(members) < 0.6
    assert {member.line for member in members if member.public} == {"messenger", "instagram"}
    assert {member.line for member in cast(7, 12)} == set(ADDRESSES)
    assert any(member.hidden for member in cast(7, 40))
    assert {member.facts.language for member in members} == {"es", "en"}


@pytest.mark.parametrize(("one", "other", "same"), [("whatsapp", "sms", "phone"), ("email", "webhook", "mail")])
def test_some_write_on_two_channels(one: str, other: str, same: str) -> None:
    known = {getattr(member, same) for member in cast(7, 24) if member.line == one}
    assert [member for member in cast(7, 24) if member.line == other and getattr(member, same) in known]


def test_mail_programs_write_by_themselves() -> None:
    written = [member for member in cast(7, 24) if member.line == "email"]
    assert {(member.away, member.full) for member in written} == {(False, False), (True, False), (False, True)}


def test_there_are_many_stories_and_each_has_somebody_to_tell_it() -> None:
    assert len(STORIES) >= 40
    assert len({story.name for story in STORIES}) == len(STORIES)
    members = [member for seed in range(5) for member in cast(seed, 60)]
    for story in STORIES:
        assert any(member.may_tell(story) for member in members), story.name


def test_texts_are_filled_in() -> None:
    for story in STORIES:
        said = [*story.opening, *story.more, *story.thanks, *(s for answers in story.asked.values() for s in answers)]
        for text in [s if isinstance(s, str) else s.text for s in said]:
            filled = FACTS.fill(text)
            assert not {"{", "}"} & set(filled), f"{story.name}: {text}"


def test_no_story_twice_before_all_were_told() -> None:
    deck = Deck(5)
    member = Member(n=0, name="María", line="whatsapp", facts=FACTS, address="50370000001", woman=True)
    fitting = [story for story in STORIES if member.may_tell(story)]
    told = [deck.deal(member).name for _ in fitting]
    assert len(set(told)) == len(fitting)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Buenos días, con gusto. ¿Me regala su número de DUI?", "id"),
        ("¿En qué agencia le queda mejor?", "place"),
        ("¿Qué monto necesita?", "amount"),
        ("¿Me puede mandar una captura de la pantalla?", "photo"),
        ("Reviso su acceso. ¿Qué mensaje le aparece?", "detail"),
        ("¿A qué número de teléfono le llamamos?", "phone"),
        ("¿Desde qué día le pasa?", "when"),
        ("Ya está listo. ¿Le parece bien?", "yes"),
        ("Could you tell me which branch it was?", "place"),
    ],
)
def test_what_an_advisor_asks_about(text: str, topic: str) -> None:
    assert asks(text)
    assert topic_of(text) == topic


@pytest.mark.parametrize("text", ["Con gusto le ayudo.", "Ya quedó resuelto, gracias por su paciencia.", "One moment."])
def test_a_statement_asks_nothing(text: str) -> None:
    assert not asks(text)


def test_an_answer_fits_the_question() -> None:
    mind = mind_of("hola", asked={"id": ("es {id}",)})
    assert texts(mind.hear("¿Me regala su número de DUI?")) == ["es 01234567-8"]
    assert any("San Miguel" in text for text in texts(mind.hear("¿En qué agencia le queda cerca?")))


def test_a_picture_comes_with_its_words() -> None:
    mind = mind_of("hola", asked={"photo": (photo(picture="receipt"), "ahí va")})
    assert [part.kind for part in mind.hear("¿Me manda una foto del comprobante?")] == ["image", "text"]


def test_after_the_answer_comes_a_question_and_then_the_end() -> None:
    mind = mind_of("hola", more=("¿y cuánto tarda?",), mood="worried")
    heard = []
    for _ in range(20):
        if mind.over:
            break
        heard += texts(mind.hear("Ya quedó gestionado, le llegará la confirmación a su correo hoy mismo."))
    assert mind.over
    assert mind.hear("¿Algo más?") == []
    assert len(heard) <= 2


def test_nobody_complains_of_waiting_more_than_twice() -> None:
    mind = mind_of("hola")
    assert [bool(mind.nudge()) for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("seed", range(20))
def test_everybody_has_something_to_tell(seed: int) -> None:
    deck = Deck(seed)
    for member in cast(seed, 60):
        assert member.may_tell(deck.deal(member))
