"""What did not leave and how the channels are, line by line, at a real server."""

from __future__ import annotations

from tests.cli.office import Office
from tests.cli.test_outbox import failed, listed
from tests.plain.test_overseeing import supervisor
from tests.plain.test_script import plain


def test_the_channels_are_told_of_without_signs(office: Office) -> None:
    office.customer_writes("hola", "Carla Canal")
    said = plain(office, "canales")
    assert any(each.startswith("wa: WhatsApp, ") and "último que entró" in each for each in said)


def test_what_failed_is_heard_sent_again_and_let_be(office: Office) -> None:
    assert plain(office, "fallidos") == ["Todo salió."]
    one, other = failed(office, "uno", "Fabio Falla"), failed(office, "dos", "Berta Falla")
    said = plain(office, "fallidos")
    number = next(each for each in said if "Fabio Falla, WhatsApp" in each and each.endswith(": uno")).partition(".")[0]
    assert any(each.startswith("  WhatsApp no puede entregarle mensajes") for each in said)
    assert "es seguro que no llegó" in plain(office, "fallidos", f"fallidos {number} llegó", code=1)[-1]
    assert "no se hizo nada" in plain(office, "fallidos", f"fallidos {number} dejar", "no", code=1)[-1]
    assert listed(office) == {one, other}
    said = plain(office, "fallidos", f"fallidos {number} dejar", "sí")
    assert said[-1] == "Fabio Falla: No se enviará." and listed(office) == {other}
    assert plain(office, "fallidos", "fallidos 1 otra vez")[-1] == "Berta Falla: Se envía de nuevo."
    assert listed(office) == set()
    assert "diga su número" in plain(office, "fallidos 1 llegó", code=1)[-1]


def test_all_failed_ones_of_a_channel_go_again(office: Office) -> None:
    failed(office, "tres", "Carmen Canal"), failed(office, "cuatro", "Daniel Canal")
    said = supervisor(office, "fallidos", "fallidos 1 canal", "sí")
    assert said[-1] == "2 mensajes salen de nuevo." and listed(office) == set()
