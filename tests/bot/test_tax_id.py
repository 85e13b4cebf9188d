from __future__ import annotations

import pytest

from actions.tax_id import called_tax_id_in, tax_id_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("900.123.456-8", "900123456-8"),
        ("mi rut es 12.345.678-5", "12345678-5"),
        ("RFC: rage-850101-ab1", "RAGE850101AB1"),
        ("20-12345678-6", "20-12345678-6"),
        ("ruc 20123456789", "20123456789"),
        ("my EIN is 12-3456789", "123456789"),
        ("900123456-7", None),
        ("20-12345678-3", None),
        ("12345", None),
        ("no tengo", None),
    ],
)
def test_a_tax_number_is_read_as_people_write_it_and_its_check_digit_counts(text: str, number: str | None) -> None:
    assert tax_id_in(text) == number


def test_only_a_number_that_is_called_a_tax_number_is_taken_from_a_sentence() -> None:
    assert called_tax_id_in("factura del RX-4821 a 3015550148") is None
    assert called_tax_id_in("factura con NIT 860.002.964-4 por favor") == "860002964-4"
