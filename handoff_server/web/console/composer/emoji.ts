/** The few signs that fit into answers to customers, with the words by which one looks for them. */
export const GROUPS = ['faces', 'hands', 'hearts', 'things', 'signs'] as const
export type Group = (typeof GROUPS)[number]

export interface Emoji {
  sign: string
  group: Group
  es: string
  en: string
}

/** A sign, its Spanish words, its English words. */
const WORDS: Record<Group, string> = {
  faces: `
😀|feliz sonrisa|happy grin
😃|alegre feliz|glad happy
😄|risa contento|laugh pleased
😁|sonrisa dientes|beaming teeth
😊|sonrisa amable gracias|smile kind thanks
🙂|sonrisa leve|slight smile
😉|guiño|wink
😍|encanta ojos corazón|love heart eyes
🥰|cariño corazones|affection hearts
😘|beso|kiss
😎|lentes genial|sunglasses cool
🤗|abrazo|hug
🤔|pensar duda|think wonder
🤓|nerd estudio|nerd study
🙃|al revés ironía|upside down irony
😅|alivio sudor|relief sweat
😂|risa llorar|laugh tears
🤣|carcajada|rolling laugh
😌|tranquilo alivio|calm relieved
😴|dormir sueño|sleep tired
🥳|fiesta celebrar|party celebrate
😮|sorpresa|surprise
😲|asombro|astonished
😳|vergüenza|blush embarrassed
🥺|por favor súplica|please pleading
😢|triste lágrima|sad tear
😭|llorar|cry
😞|decepción|disappointed
😔|pena lo siento|sorry pensive
😕|confuso|confused
😟|preocupado|worried
😬|incómodo mueca|awkward grimace
😤|molesto|annoyed huff
😠|enojado|angry
😷|mascarilla enfermo|mask ill
🤒|fiebre enfermo|fever ill
🙄|ojos arriba|eye roll
🤷|no sé hombros|shrug dunno`,
  hands: `
👍|bien de acuerdo pulgar|ok agree thumb up
👎|mal desacuerdo|bad disagree thumb down
👌|perfecto ok|perfect ok
👏|aplauso felicidades|applause congratulations
🙌|celebrar manos|hooray hands
🙏|gracias por favor|thanks please
🤝|acuerdo trato|deal handshake
👋|hola adiós saludo|hello bye wave
✌️|victoria paz|victory peace
🤞|suerte dedos|luck fingers
💪|fuerza ánimo|strength
👇|abajo|down below
👆|arriba|up above
👉|derecha aquí|right here
👈|izquierda|left
☝️|uno atención|one attention
✋|alto mano|stop hand
✍️|escribir firma|write sign
👀|ojos mirar|eyes look
🙋|pregunta yo mano|question me hand
🙇|disculpa reverencia|apology bow
👤|persona cliente|person customer
👥|personas equipo|people team
👩‍💻|agente computadora|agent computer
🧑‍🔧|técnico reparar|technician repair`,
  hearts: `
❤️|corazón amor rojo|heart love red
🧡|corazón naranja|heart orange
💛|corazón amarillo|heart yellow
💚|corazón verde|heart green
💙|corazón azul|heart blue
💜|corazón morado|heart purple
🎉|fiesta felicidades|party congratulations
🎊|confeti|confetti
🎁|regalo|gift present
🎂|cumpleaños pastel|birthday cake
🥂|brindis|toast cheers
✨|brillo estrellas|sparkles
⭐|estrella|star
🌟|estrella brillo|star glow
🏆|premio trofeo|prize trophy
🌹|rosa flor|rose flower
🌈|arcoíris|rainbow
☀️|sol buen día|sun good day
🌙|luna buenas noches|moon good night
🍀|suerte trébol|luck clover
🎄|navidad árbol|christmas tree`,
  things: `
📦|paquete pedido caja|parcel order box
🚚|envío camión reparto|shipping truck delivery
✈️|avión viaje envío|plane travel
🛒|carrito compra|cart shopping
🛍️|bolsas compra|bags shopping
🏬|tienda|store
🏠|casa domicilio|house home
📍|ubicación lugar|location place
🗺️|mapa|map
💳|tarjeta pago|card payment
💵|dinero efectivo|money cash
💰|dinero reembolso|money refund
🧾|factura recibo|invoice receipt
🏷️|etiqueta precio oferta|label price offer
👕|camisa ropa talla|shirt clothes size
👗|vestido ropa|dress clothes
👟|zapatos tenis|shoes sneakers
👜|bolsa|handbag
⌚|reloj|watch
📱|celular teléfono|mobile phone
💻|computadora|computer
📷|foto cámara|photo camera
🎧|audífonos|headphones
🔋|batería|battery
🔌|cargador enchufe|charger plug
📧|correo|e-mail mail
📞|llamada teléfono|call phone
💬|mensaje chat|message chat
📅|calendario fecha|calendar date
⏰|alarma hora|alarm time
⏳|espera tiempo|wait time
📎|clip adjunto|clip attachment
📄|documento hoja|document page
📝|nota formulario|note form
🔑|llave contraseña|key password
🔒|seguro candado|lock safe
🔧|herramienta arreglar|tool repair
🔍|buscar lupa|search magnifier
💡|idea|idea
🎫|boleto cupón|ticket coupon
☕|café|coffee
🍕|pizza comida|pizza food`,
  signs: `
✅|listo hecho sí|done yes check
✔️|correcto|correct check
❌|no error equis|no error cross
⚠️|cuidado aviso|warning care
❗|importante exclamación|important exclamation
❓|pregunta|question
ℹ️|información|information
🆗|ok|ok
🆕|nuevo|new
🔝|mejor arriba|top best
🔄|cambio repetir|change again
↩️|devolver regresar|return back
➡️|flecha derecha|arrow right
⬅️|flecha izquierda|arrow left
⬆️|flecha arriba|arrow up
⬇️|flecha abajo|arrow down
🔴|rojo|red
🟡|amarillo|yellow
🟢|verde|green
🔵|azul|blue
💯|cien perfecto|hundred perfect
1️⃣|uno primero|one first
2️⃣|dos segundo|two second
3️⃣|tres tercero|three third
4️⃣|cuatro cuarto|four fourth
5️⃣|cinco quinto|five fifth
♻️|reciclar|recycle
🕐|hora reloj|hour clock`,
}

export function emojis(): Emoji[] {
  return GROUPS.flatMap((group) =>
    WORDS[group]
      .trim()
      .split('\n')
      .map((line) => {
        const [sign = '', es = '', en = ''] = line.split('|')
        return { sign, group, es, en }
      }),
  )
}
