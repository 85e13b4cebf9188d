"""Refunds, invoices, payments and ways to pay, through the real assistant and the demo shop."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Assistant, texts

from actions.tax_id import called_tax_id_in, tax_id_in


def talk(assistant: Assistant, sender: str, language: str, *said: str) -> dict[str, Any]:
    """The answer to the last of what the customer says."""
    for text in said:
        answer = assistant.say(sender, text, language)
    return answer


def outcome(answer: dict[str, Any]) -> tuple[str, str] | None:
    skill = answer["report"]["skill"]
    return skill and (skill["name"], skill["outcome"])


def test_money_for_an_order_that_has_not_left_comes_back_by_cancelling_it(assistant: Assistant, sender: str) -> None:
    asked = talk(assistant, sender, "en", "I want my money back for order TL-3356", "priya@example.com")
    assert "Shall I cancel it?" in texts(asked) and "USD 59.85" in texts(asked) and "PayPal" in texts(asked)
    done = assistant.say(sender, "/affirm", "en")
    assert "is cancelled" in texts(done) and outcome(done) == ("refund", "refunded")
    assert "Did that solve it?" in texts(done)
    again = talk(assistant, sender, "en", "where is my refund?")
    assert "approved and on its way to PayPal" in texts(again), "who has proved it is not asked again"


def test_a_refund_that_is_under_way_is_told_with_sum_and_day(assistant: Assistant, sender: str) -> None:
    told = talk(assistant, sender, "es", "¿dónde está mi reembolso? pedido TL-3355", "diego@example.com")
    assert "aprobado y va en camino a Webpay" in texts(told) and "CLP" in texts(told)
    assert outcome(told) == ("refund", "told")


def test_money_for_something_delivered_goes_through_a_return(assistant: Assistant, sender: str) -> None:
    asked = talk(assistant, sender, "es", "quiero mi dinero de vuelta, pedido CO-8805", "andres@example.com")
    assert "cuando el producto vuelva con nosotros" in texts(asked) and "¿Qué pasó con el producto?" in texts(asked)
    confirm = talk(assistant, sender, "es", "la estufa no enciende")
    assert "Preparo la devolución de Estufa de gas Fogón" in texts(confirm)
    done = assistant.say(sender, "sí")
    assert "Escribe el código DV-" in texts(done) and outcome(done) == ("return_exchange", "return_started")
    later = talk(assistant, sender, "es", "/affirm", "¿y cuándo me devuelven el dinero?")
    assert "en cuanto nos llegue tu paquete con el código DV-" in texts(later)


@pytest.mark.parametrize(
    ("said", "email", "words"),
    [
        ("quiero el reembolso del PE-5121", "carlos@example.com", "no hemos recibido ningún pago"),
        ("quiero el reembolso del RX-4821", "elena@example.com", "va en camino"),
        ("quiero saber de mi reembolso, MX-7306", "mateo@example.com", "Estamos revisando tu reembolso"),
        ("no veo mi reembolso del pedido CO-8804", "sebastian@example.com", "Ya pagamos tu reembolso"),
    ],
)
def test_what_stands_in_the_way_of_a_refund_is_told(
    assistant: Assistant, sender: str, said: str, email: str, words: str
) -> None:
    told = talk(assistant, sender, "es", said, email)
    assert words in texts(told) and told["report"]["form"] is None


def test_a_no_leaves_the_order_as_it_was(assistant: Assistant, sender: str) -> None:
    talk(assistant, sender, "es", "quiero el reembolso del CO-8806", "andres@example.com")
    kept = assistant.say(sender, "mejor no")
    assert "no cambié nada" in texts(kept).lower() and outcome(kept) == ("refund", "declined")
    assert "Estamos preparando" in texts(assistant.say(sender, "¿cómo va mi pedido?"))


def test_an_invoice_is_issued_with_a_number_that_was_corrected(assistant: Assistant, sender: str) -> None:
    asked = talk(assistant, sender, "es", "necesito factura del pedido CO-8802", "natalia@example.com")
    assert "número de identificación" in texts(asked)
    wrong = assistant.say(sender, "900.123.456-7")
    assert "dígito de verificación" in texts(wrong) and wrong["report"]["form"] == "billing_invoice_form"
    named = assistant.say(sender, "900.123.456-8")
    assert named["messages"][-1]["buttons"][0]["title"] == "Natalia Restrepo"
    assert "a nombre de Natalia R" in texts(assistant.say(sender, "a nombre de Natalia R"))
    confirm = assistant.say(sender, "no, mejor a nombre de Restrepo Montaña SAS")
    assert "a nombre de Restrepo Montaña SAS, identificación 900123456-8" in texts(confirm)
    done = assistant.say(sender, "/affirm")
    assert "aquí está la factura NV-" in texts(done) and outcome(done) == ("billing_invoice", "issued")
    again = talk(assistant, sender, "es", "sí, gracias", "me mandas otra vez la factura?")
    assert "ya está emitida" in texts(again)


def test_a_tax_number_said_with_the_wish_is_not_asked_for(assistant: Assistant, sender: str) -> None:
    asked = talk(
        assistant, sender, "es", "necesito la factura de MX-7301 con RFC IAFE850101AB1", "fernanda@example.com"
    )
    assert "¿A nombre de quién?" in texts(asked)
    button = asked["messages"][-1]["buttons"][0]["payload"]
    assert "a nombre de Fernanda Ibarra, identificación IAFE850101AB1" in texts(assistant.say(sender, button))


def test_an_invoice_before_the_payment_leads_to_the_payment(assistant: Assistant, sender: str) -> None:
    refused = talk(assistant, sender, "en", "I need an invoice for US-9002", "emily@example.com")
    assert "as soon as the order is paid" in texts(refused) and outcome(refused) == ("billing_invoice", "not_paid")
    told = assistant.say(sender, refused["messages"][0]["buttons"][0]["payload"], "en")
    assert "above the card's limit" in texts(told)


def test_a_rejected_payment_is_explained_and_gets_a_new_link(assistant: Assistant, sender: str) -> None:
    told = talk(assistant, sender, "es", "me rechazaron el pago del pedido CO-8801", "natalia@example.com")
    assert "la tarjeta está vencida" in texts(told) and "No se te cobró nada" in texts(told)
    link = assistant.say(sender, "dale")
    assert "https://nevadaviva.example/pagar/" in texts(link) and outcome(link) == ("payment_issue", "link_sent")


@pytest.mark.parametrize(
    ("said", "email", "words"),
    [
        ("mi pago no aparece, MX-7302", "fernanda@example.com", "OXXO Pay todavía no nos llega"),
        ("mi pago no se refleja, pedido QM-1908", "ana@example.com", "no queda nada por pagar"),
        ("mi pago fue rechazado, pedido EC-4413", "sofia@example.com", "un dato no coincidía"),
        ("no pasó mi tarjeta en el pedido CL-6613", "paula@example.com", "está cancelado"),
    ],
)
def test_every_state_of_a_payment_is_told(assistant: Assistant, sender: str, said: str, email: str, words: str) -> None:
    assert words in texts(talk(assistant, sender, "es", said, email))


def test_a_payment_that_never_became_an_order_has_its_own_advice(assistant: Assistant, sender: str) -> None:
    told = talk(assistant, sender, "es", "mi tarjeta fue rechazada", "no tengo número de pedido")
    assert "la compra no se hizo" in texts(told)


def test_the_ways_to_pay_are_those_of_the_country(assistant: Assistant, sender: str) -> None:
    asked = talk(assistant, sender, "es", "¿cómo puedo pagar?")
    assert "¿En qué país o ciudad compras?" in texts(asked)
    told = assistant.say(sender, "en México")
    assert "OXXO Pay" in texts(told) and "hasta 12 cuotas" in texts(told)
    assert "OXXO" in texts(assistant.say(sender, "¿qué medios de pago tienen?")), "the country is known now"


def test_ways_to_pay_are_told_inside_another_skill_s_form(assistant: Assistant, sender: str) -> None:
    talk(assistant, sender, "en", "where is my order?", "US-9006")
    aside = assistant.say(sender, "what payment methods do you accept?", "en")
    assert "differ by country" in texts(aside) and "e-mail" in texts(aside)
    assert aside["report"]["form"] == "order_status_form"
    assert "on its way" in texts(assistant.say(sender, "hannah@example.com", "en"))


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
