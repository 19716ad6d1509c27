"""What the scripted advisors write: in the customer's language, on the customer's matter."""

from __future__ import annotations

import random

import pytest

from agent_console.demo_words import MATTERS, compose, compose_public, first_name, language_of, letter, says_goodbye
from server.sandbox.members_story import asks

RNG = random.Random(1)


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["buenas", "no me deja entrar a la app"], "es"),
        (["Hi, do you speak English?", "I send money to my mom"], "en"),
        (["?"], "es"),
    ],
)
def test_the_customers_language(texts: list[str], language: str) -> None:
    assert language_of(texts) == language


@pytest.mark.parametrize(
    ("shown", "called"),
    [
        ("María Ramos", "María"),
        ("Don Neto", "don Neto"),
        ("Pupusería Lita", ""),
        ("~ Wendy 💅 ~", ""),
        ("ELMER CHICAS", "Elmer"),
        ("+503 7000 0001", ""),
        ("", ""),
        ("\x1b[31mMaría", ""),
    ],
)
def test_how_a_customer_is_called(shown: str, called: str) -> None:
    assert first_name(shown) == called


def test_first_a_question_then_the_answer_then_good_bye() -> None:
    said = ["buenas", "me acaban de robar la tarjeta"]
    first = compose(said, 0, "María Ramos", 9, RNG)
    assert first.startswith("Buenos días, María.")
    assert asks(first)
    second = compose([*said, "01234567-8"], 1, "María Ramos", 9, RNG)
    assert "bloquead" in second
    assert not asks(second)
    assert says_goodbye("gracias niña")
    assert compose([*said, "gracias niña"], 2, "María Ramos", 9, RNG) not in (first, second)


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_advisor_asks_and_then_says(language: str) -> None:
    for matter in MATTERS:
        assert asks(matter.ask[language])  # type: ignore[index]
        assert not asks(matter.say[language]), matter.say[language]  # type: ignore[index]


@pytest.mark.parametrize("stage", [0, 1])
def test_in_public_nobody_is_asked_for_what_others_should_not_read(stage: int) -> None:
    answers = {compose_public(["¿Qué tasa tienen?"], stage, "María Ramos", RNG) for _ in range(30)}
    assert not [answer for answer in answers if asks(answer) or "DUI" in answer or len(answer) > 300]
    assert stage or all(answer.startswith("María, ") for answer in answers)


def test_a_letter_ends_as_letters_do() -> None:
    assert letter("Buenos días, María. ¿De qué agencia es?").endswith("Saludos cordiales,\nServicio al asociado")
    assert letter("Good morning. Could you tell me the branch?").endswith("Kind regards,\nMember service")
