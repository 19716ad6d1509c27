"""The wallboard and alerts over HTTP."""

from __future__ import annotations

from tests.routes.desk import Desk, until


def test_the_board_follows_what_happens(desk: Desk) -> None:
    desk.add_whatsapp()
    with desk.client("supervisor") as sofia, desk.client("advisor") as ana:
        assert ana.get("/wallboard").status_code == 403
        assert sofia.get("/wallboard").json()["now"]["open"] == 0
        conversation = desk.receive("hola")
        board = until(lambda: (found := sofia.get("/wallboard").json())["now"]["waiting"] == 1 and found)
        assert (board["today"]["received"], board["hour"], board["channels"][0]["name"]) == (1, 1, "wa")
        assert ana.post(f"/conversations/{conversation}/replies", json={"text": "hola"}).is_success
        board = until(lambda: (found := sofia.get("/wallboard").json())["today"]["replies"] == 1 and found)
        (mine,) = [each for each in board["advisors"] if each["name"] == "ana"]
        assert (mine["now"]["open"], mine["today"]["answered"], mine["today"]["met"]) == (1, 1, 1)


def test_a_limit_that_is_passed_alerts_the_supervisors(desk: Desk) -> None:
    desk.add_whatsapp()
    with desk.client("admin") as root, desk.client("supervisor") as sofia, desk.client("advisor") as ana:
        assert ana.patch("/service", json={"change": {"thresholds": {"waiting": 0}}}).status_code == 403
        changed = root.patch("/service", json={"change": {"thresholds": {"waiting": 0}}})
        assert changed.json()["thresholds"] == {"waiting": 0}
        desk.receive("hola")
        (alert,) = until(lambda: sofia.get("/alerts").json()["items"])
        assert (alert["kind"], alert["data"]["figure"]) == ("threshold", "waiting")
        assert ana.post(f"/alerts/{alert['id']}/acknowledge").status_code == 403
        assert sofia.post(f"/alerts/{alert['id']}/acknowledge").json()["ended_by"] == "sofia"
        assert sofia.post(f"/alerts/{alert['id']}/acknowledge").json()["code"] == "alert_over"
