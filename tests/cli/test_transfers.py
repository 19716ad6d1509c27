"""Handing on, answering and asking from the command line."""

from __future__ import annotations

from tests.cli.office import Office


def test_handing_on_and_taking(office: Office) -> None:
    id = str(office.customer_writes("¿cuánto debo de mi préstamo?", "Tere Traspaso"))
    office.done("conv", id, "claim")
    assert "¿cuánto debo" in office.done("conv", id, "proposal")
    assert "sofia" in office.done(
        "conv", id, "transfer", "--to", "sofia", "--reason", "pide aprobación", "--summary", "Quiere refinanciar.",
        "--promised", "respuesta hoy",
    )  # fmt: skip
    assert "ya se la ofreció" in office.refused(
        "conv", id, "transfer", "--to", "sofia", "--reason", "x", "--summary", "y"
    )
    assert id in office.done("convs", "is:offered", "-q", role="supervisor").split()
    waiting = office.json("transfer", "list", "--waiting", role="supervisor")
    assert [str(each["conversation"]) for each in waiting] == [id]
    assert office.json("conv", id, "accept", role="supervisor")["state"] == "accepted"
    assert office.json("conv", id)["row"]["assignee"] == "sofia"
    assert "ya la aceptó" in office.refused("conv", id, "accept", role="supervisor")


def test_declining_and_taking_back(office: Office) -> None:
    id = str(office.customer_writes("hola", "Deysi Declina"))
    office.done("conv", id, "claim")
    again = ("conv", id, "transfer", "--to", "sofia", "--reason", "r", "--summary", "-")
    office.done(*again, given="Escribe por su cuota.\nEs la segunda vez.")
    assert office.json("transfer", "list", "--conversation", id)[0]["summary"].splitlines()[1] == "Es la segunda vez."
    office.refused("conv", id, "decline", role="supervisor", code=2)
    said = office.done("conv", id, "decline", "--reason", "no es de mi zona", role="supervisor")
    assert "rechazada (sofia): no es de mi zona" in said
    office.done(*again, given="otra vez")
    assert "retirada" in office.done("conv", id, "withdraw")
    assert "Nadie" in office.refused("conv", str(office.customer_writes("x", "Otra")), "withdraw")
    shown = office.done("transfer", "list", "--person", "ana", "--since", "1h")
    assert "Deysi Declina" in shown and "rechazada" in shown
    assert "Rechazadas" in office.done("transfer", "totals")
    assert office.json("transfer", "totals")["declined"] >= 1


def test_asking_a_colleague(office: Office) -> None:
    id = str(office.customer_writes("hola", "Cony Consulta"))
    assert office.json("conv", id, "consult", "¿qué tasa le toca?", "--to", "sofia")["kind"] == "consult"
    assert office.json("conv", id, "answer", "la del 14 %", role="supervisor")["state"] == "accepted"
    assert "consulta" in office.refused("conv", id, "answer", "otra", role="supervisor")
    office.done("conv", id, "consult", "¿y el plazo?", "--to", "sofia")
    assert "retirada" in office.done("conv", id, "withdraw", "--question")
    notes = [each["text"] for each in office.json("conv", id)["messages"] if each["direction"] == "note"]
    assert notes[:2] == ["@sofia ¿qué tasa le toca?", "@ana la del 14 %"]


def test_the_words_for_the_customer_are_a_setting(office: Office) -> None:
    office.done("service", "set", "transfer_text.es=Ahora le atiende {who}.", role="admin")
    assert office.json("service", "show")["transfer_text"]["es"] == "Ahora le atiende {who}."
    office.done("service", "set", "transfer_text.es=", role="admin")
    assert "es" not in office.json("service", "show")["transfer_text"]
