"""Moments ahead in words, those that are offered, and names found by their letters."""

from __future__ import annotations

import pytest

from agent_console import i18n
from agent_console.presentation import fuzzy, when
from tests.console.sample import HOUR, NOW, at

DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("moment", "said", "dicho"),
    [
        (at(16, 30), "16:30", "16:30"),
        (at(8, 0, day=15), "tomorrow 8:00", "mañana 8:00"),
        (at(8, 0, day=19), "Mon 8:00", "lun 8:00"),
        (at(8, 0, day=21), "21 Oct 8:00", "21 oct 8:00"),
        (NOW + 200 * DAY, "2 May 2027 9:44", "2 may 2027 9:44"),
    ],
)
def test_a_moment_ahead(moment: int, said: str, dicho: str) -> None:
    assert when.ahead(moment, NOW) == said
    i18n.set_language("es")
    assert when.ahead(moment, NOW) == dicho


def test_what_is_offered_lies_ahead_and_differs() -> None:
    for hour in range(24):
        offers = when.offers(at(hour, 20))
        moments = [offer.at for offer in offers]
        assert all(moment > at(hour, 20) for moment in moments)
        assert len(set(moments)) == len(moments) >= 4
    names = [offer.name for offer in when.offers(NOW)]
    assert names == ["in 1 hour", "this afternoon", "tomorrow", "Monday", "in a week"]
    assert "this afternoon" not in [offer.name for offer in when.offers(at(14, 0))]


def test_names_are_found_by_some_of_their_letters() -> None:
    names = ["Créditos San Miguel", "Servicio", "Cobros", "Tarjetas"]

    def found(typed: str) -> list[str]:
        return fuzzy.best(typed, names, lambda name: name)

    assert found("") == names
    assert found("crsm") == ["Créditos San Miguel"]
    assert found("miguel") == ["Créditos San Miguel"]
    assert found("CRE")[0] == "Créditos San Miguel"
    assert found("x") == []
