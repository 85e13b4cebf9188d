"""What is measured: names, kinds, and for people who ask "what is this number?" a sentence in their language. Pure."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "share", "time", "best", "score"]
_UNITS = {"count": "count", "share": "share", "time": "ms", "best": "ms", "score": "points"}


@dataclass(frozen=True, slots=True)
class Definition:
    """`target`: what the value is compared with, as a share or in milliseconds; `better`: which way is good."""

    name: str
    kind: Kind
    es: str
    en: str
    better: Literal["more", "less"] | None = None
    target: float | None = None

    @property
    def unit(self) -> str:
        return _UNITS[self.kind]


DEFINITIONS = (
    Definition(
        "cases_opened",
        "count",
        "Casos que se abrieron en el periodo.",
        "Cases that were opened in the period.",
    ),
    Definition(
        "cases_closed",
        "count",
        "Casos que se cerraron en el periodo. Un caso reabierto cuenta una vez: cuando se cierra por última vez.",
        "Cases that were closed in the period. A reopened case counts once: when it is closed for the last time.",
    ),
    Definition(
        "handoffs",
        "count",
        "Veces que hizo falta una persona: se pidió, una regla lo decidió o alguien intervino.",
        "Times a person was needed: asked for, decided by a rule, or somebody stepped in.",
    ),
    Definition(
        "callbacks",
        "count",
        "Respuestas que se prometieron para más tarde, porque no había nadie o el cliente lo prefirió.",
        "Answers that were promised for later, because nobody was there or the customer preferred it.",
    ),
    Definition(
        "first_reply_bot",
        "time",
        "Desde el mensaje que abre el caso hasta la primera respuesta del asistente.",
        "From the message that opens a case to the assistant's first answer.",
        "less",
    ),
    Definition(
        "first_reply_human",
        "time",
        "Desde que hace falta una persona hasta sus primeras palabras. Liberar o transferir no reinicia el reloj.",
        "From the moment a person is needed to the person's first words. Release and transfer do not reset the clock.",
        "less",
    ),
    Definition(
        "speed_of_answer",
        "time",
        "Desde que hace falta una persona hasta que alguien toma la conversación (ASA).",
        "From the moment a person is needed until somebody takes the conversation (ASA).",
        "less",
    ),
    Definition(
        "service_level_20",
        "share",
        "De quienes esperaban a una persona, los que leyeron sus primeras palabras en 20 segundos o menos. "
        "Quien no fue atendido cuenta como no.",
        "Of those who waited for a person, the share who read the person's first words within 20 seconds. "
        "Who was not served counts as a no.",
        "more",
        0.80,
    ),
    Definition(
        "service_level_180",
        "share",
        "Lo mismo en 3 minutos o menos (Ley 10/2025 de España: 95 %).",
        "The same within 3 minutes (Spain's Ley 10/2025: 95 %).",
        "more",
        0.95,
    ),
    Definition(
        "best_95",
        "best",
        "Espera media del mejor 95 % de las solicitudes (Ley 10/2025: menos de 3 minutos). "
        "Sin valor si alguna de ellas no fue atendida.",
        "Mean wait of the best 95 % of requests (Ley 10/2025: under 3 minutes). "
        "No value where one of them was never served.",
        "less",
        180_000,
    ),
    Definition(
        "abandonment",
        "share",
        "De las solicitudes que terminaron, aquellas en que el cliente dejó la cola.",
        "Of the requests that have ended, those in which the customer left the queue.",
        "less",
    ),
    Definition(
        "unserved",
        "share",
        "De las solicitudes que terminaron, aquellas a las que nadie llegó: se prometió una respuesta para más tarde.",
        "Of the requests that have ended, those nobody came to: an answer was promised for later.",
        "less",
    ),
    Definition(
        "resolution",
        "time",
        "Desde que hace falta una persona hasta que da el asunto por resuelto.",
        "From the moment a person is needed until the person resolves the matter.",
        "less",
    ),
    Definition(
        "case_duration",
        "time",
        "Desde que se abre el caso hasta que se cierra por última vez, con persona o sin ella.",
        "From the opening of a case to its last closing, with or without a person.",
        "less",
    ),
    Definition(
        "handling",
        "time",
        "Tiempo en manos de una persona, sin esperas en cola ni pausas, más el cierre administrativo "
        "hasta que se completa o se acaba su tiempo (AHT).",
        "Time in a person's hands, without waits in the queue and snoozes, plus wrap-up until it is completed "
        "or its time is over (AHT).",
    ),
    Definition(
        "transferred",
        "share",
        "De lo que tomó una persona, lo que pasó al menos una vez a otra persona o equipo.",
        "Of what a person has taken, what was passed on to another person or team at least once.",
        "less",
    ),
    Definition(
        "kept_first_reply",
        "share",
        "Promesas de primera respuesta cumplidas, de las que vencieron o se cumplieron antes.",
        "Promises of a first reply that were kept, of those that fell due or were kept before.",
        "more",
    ),
    Definition(
        "kept_next_reply",
        "share",
        "Conversaciones atendidas en que ninguna respuesta posterior tardó más de lo prometido.",
        "Served conversations in which no later reply took longer than promised.",
        "more",
    ),
    Definition(
        "kept_resolution",
        "share",
        "Promesas de resolución cumplidas, de las que vencieron o se cumplieron antes.",
        "Promises of a resolution that were kept, of those that fell due or were kept before.",
        "more",
    ),
    Definition(
        "contained",
        "share",
        "Casos cerrados en los que no hizo falta una persona. Incluye a quienes se fueron sin decir nada.",
        "Closed cases in which no person was needed. Those who left without a word are among them.",
    ),
    Definition(
        "contained_72h",
        "share",
        "Casos en los que no hizo falta una persona y el cliente no volvió en 72 horas. "
        "Solo casos cerrados hace 72 horas o más.",
        "Cases in which no person was needed and the customer did not come back within 72 hours. "
        "Only cases closed at least 72 hours ago.",
        "more",
    ),
    Definition(
        "contained_confirmed",
        "share",
        "Casos cerrados sin persona en los que el cliente dijo que quedó resuelto.",
        "Closed cases without a person in which the customer said that it was solved.",
        "more",
    ),
    Definition(
        "abandoned_in_bot",
        "share",
        "Casos que terminaron en silencio con el asistente: ni confirmados ni con una persona.",
        "Cases that ended in silence with the assistant: neither confirmed nor with a person.",
        "less",
    ),
    Definition(
        "returned",
        "share",
        "Casos tras los que el cliente volvió en 72 horas, o que se reabrieron. "
        "Solo casos cerrados hace 72 horas o más.",
        "Cases after which the customer came back within 72 hours, or which were reopened. "
        "Only cases closed at least 72 hours ago.",
        "less",
    ),
    Definition(
        "first_sign",
        "time",
        "Desde el mensaje que llevó a la decisión hasta que se pidió la persona.",
        "From the message that led to the decision until the person was asked for.",
        "less",
    ),
    Definition(
        "asked_again",
        "share",
        "De las conversaciones que los agentes marcaron, aquellas en que tuvieron que volver a pedir "
        "lo que el asistente ya sabía.",
        "Of the conversations that agents marked, those in which they had to ask again for what the assistant knew.",
        "less",
    ),
    Definition(
        "handoff_again",
        "share",
        "Conversaciones que, resueltas o devueltas por una persona, necesitaron otra en 72 horas.",
        "Conversations that, resolved or returned by a person, needed another one within 72 hours.",
        "less",
    ),
    Definition(
        "missed",
        "share",
        "De las conversaciones que los agentes marcaron, las que debieron llegarles antes.",
        "Of the conversations that agents marked, those that should have come to them earlier.",
        "less",
    ),
    Definition(
        "early",
        "share",
        "De las conversaciones que los agentes marcaron, las que llegaron antes de que el asistente intentara ayudar.",
        "Of the conversations that agents marked, those that came before the assistant had tried to help.",
        "less",
    ),
    Definition(
        "needless",
        "share",
        "De las conversaciones que los agentes marcaron, las que no necesitaban una persona.",
        "Of the conversations that agents marked, those that needed no person.",
        "less",
    ),
    Definition(
        "csat",
        "share",
        "Respuestas de 4 o 5, de todas las respuestas (1 a 5).",
        "Answers of 4 or 5, of all answers (1 to 5).",
        "more",
    ),
    Definition(
        "csat_response",
        "share",
        "Encuestas con nota, de las enviadas cuyo plazo terminó.",
        "Surveys with a rating, of those sent whose time is over.",
        "more",
    ),
    Definition(
        "nps",
        "score",
        "Porcentaje de 9 y 10 menos porcentaje de 0 a 6: de -100 a 100.",
        "Percentage of 9 and 10 less percentage of 0 to 6: from -100 to 100.",
        "more",
    ),
    Definition(
        "nps_response",
        "share",
        "Encuestas con un número de 0 a 10, de las enviadas cuyo plazo terminó.",
        "Surveys with a number from 0 to 10, of those sent whose time is over.",
        "more",
    ),
)
