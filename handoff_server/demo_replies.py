"""The canned replies of the demo: shortcut → what it says in each language."""

REPLIES = {
    "hola": {
        "es": "Hola, {customer}. Soy {agent} y ya leí lo que nos contaste. Dame un momento, que lo reviso.",
        "en": "Hi {customer}, this is {agent}. I've read what you told us. Give me a moment to look into it.",
    },
    "un-momento": {
        "es": "Estoy consultando tu caso con el almacén. Vuelvo contigo en unos minutos, no tienes que esperar aquí.",
        "en": "I'm checking this with our warehouse. I'll be back in a few minutes; no need to wait here.",
    },
    "en-camino": {
        "es": "Tu pedido {order} ya va en camino. Apenas el transporte lo entregue, te llega un aviso.",
        "en": "Your order {order} is on its way. You'll hear from us as soon as the carrier delivers it.",
    },
    "demora": {
        "es": "Tienes razón: tu pedido {order} va con retraso, y lo siento. Ya lo reclamé al transporte y mañana te "
        "cuento qué me responden.",
        "en": "You're right: your order {order} is late, and I'm sorry. I've raised it with the carrier and will "
        "tell you tomorrow what they say.",
    },
    "foto": {
        "es": "Para resolverlo sin vueltas, ¿me mandas una foto del producto y otra de la etiqueta?",
        "en": "So that I can sort this out right away, could you send me a photo of the item and one of the box label?",
    },
    "reembolso": {
        "es": "Listo: pedí el reembolso. Lo verás en el mismo medio de pago; según tu banco, puede tardar hasta "
        "10 días hábiles.",
        "en": "Done: I've requested your refund. It goes back to the way you paid; depending on your bank, it can "
        "take up to 10 working days.",
    },
    "caso": {
        "es": "Tu número de caso es {case}. Si nos escribes de nuevo, con él te atendemos sin que repitas nada.",
        "en": "Your case number is {case}. Quote it if you write again, and you won't have to repeat anything.",
    },
    "gracias": {
        "es": "Gracias a ti por la paciencia, {customer}. Si surge algo más, aquí estamos.",
        "en": "Thank you for your patience, {customer}. If anything else comes up, we're here.",
    },
}
