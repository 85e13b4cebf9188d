"""When a team is back, as customers read it."""

from datetime import UTC, datetime

import pytest

from handoff_server.spoken_time import spoken


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "es", "en"),
    [
        ("2026-11-26T23:30", "hoy a las 18:30 (hora de Bogotá)", "today at 6:30 pm (Bogotá time)"),
        ("2026-11-27T13:00", "mañana a las 8:00 (hora de Bogotá)", "tomorrow at 8:00 am (Bogotá time)"),
        ("2026-11-30T06:05", "el lunes a la 1:05 (hora de Bogotá)", "on Monday at 1:05 am (Bogotá time)"),
        (
            "2026-12-08T17:00",
            "el 8 de diciembre a las 12:00 (hora de Bogotá)",
            "on December 8 at 12:00 pm (Bogotá time)",
        ),
        ("2026-11-27T05:00", "mañana a las 0:00 (hora de Bogotá)", "tomorrow at 12:00 am (Bogotá time)"),
    ],
)
def test_day_and_time_are_those_of_the_team(moment: str, es: str, en: str) -> None:
    now = at("2026-11-26T22:00")  # 17:00 in Bogotá, a Thursday
    assert spoken("es", at(moment), now, "America/Bogota") == es
    assert spoken("en", at(moment), now, "America/Bogota") == en


def test_a_zone_whose_city_nobody_has_written_down_is_named_as_it_is() -> None:
    assert spoken("es", 0, 0, "America/Argentina/Buenos_Aires").endswith("(hora de Buenos Aires)")
