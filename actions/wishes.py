"""What a customer may want of us, as a button says it."""

from __future__ import annotations

# At most 20 characters, which WhatsApp allows.
WISHES = {
    "order_status": {"es": "Rastrear mi pedido", "en": "Track my order"},
    "cancel_order": {"es": "Cancelar un pedido", "en": "Cancel an order"},
    "change_address": {"es": "Cambiar la dirección", "en": "Change the address"},
    "refund": {"es": "Un reembolso", "en": "A refund"},
    "return_exchange": {"es": "Devolver o cambiar", "en": "Return or exchange"},
    "billing_invoice": {"es": "Una factura", "en": "An invoice"},
    "payment_issue": {"es": "Un pago que falló", "en": "A failed payment"},
    "payment_methods": {"es": "Formas de pago", "en": "Ways to pay"},
    "account_access": {"es": "Entrar a mi cuenta", "en": "Get into my account"},
    "delivery_time": {"es": "Plazos de envío", "en": "Delivery times"},
    "product_info": {"es": "Sobre un producto", "en": "About a product"},
    "store_info": {"es": "Horario y dirección", "en": "Hours and address"},
}

# They only tell: nothing is changed, nor sent to anybody.
TELLING = ("order_status", "payment_methods", "delivery_time", "product_info", "store_info")


def wish_button(wish: str, language: str) -> dict[str, str]:
    return {"title": WISHES[wish][language], "payload": f"/{wish}"}
