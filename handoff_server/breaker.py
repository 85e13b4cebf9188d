"""Whether the assistant is worth asking: when it fails everybody, people get the conversations at once. Pure."""

FAILED_CONVERSATIONS = 3
REST_MS = 10_000


class Breaker:
    """Opens when the assistant has failed this many different conversations in a row: one customer's odd message cannot
    silence it for the others. While open, one turn every REST_MS is a trial; the first that succeeds closes it."""

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._tried_at = 0

    @property
    def is_open(self) -> bool:
        return len(self._failed) >= FAILED_CONVERSATIONS

    def lets_pass(self, at: int) -> bool:
        """May a turn be posted at `at` (ms)? Said once, it counts as the trial."""
        if self.is_open and abs(at - self._tried_at) < REST_MS:
            return False
        self._tried_at = at
        return True

    def succeeded(self) -> None:
        self._failed.clear()

    def failed(self, conversation_id: str) -> None:
        if not self.is_open:
            self._failed.add(conversation_id)
