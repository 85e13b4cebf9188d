"""Which sites may show which widget: those of the hub's settings, and those that admins add in the console."""

from handoff_server.refusal import Refusal
from handoff_server.service import widgets
from handoff_server.settings import Settings
from handoff_server.store import Store


class Sites:
    """Asks the database at every door that is knocked at, and remembers the answer for the socket, which cannot wait
    for one. A widget knocks before it connects, so several hubs on one database know the same."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._of_settings = frozenset(settings.allowed_widget_origins)
        self._own = frozenset(settings.own_origins)
        self.first_key = settings.widget_key
        self._known: dict[str, frozenset[str]] = {}

    @property
    def of_settings(self) -> list[str]:
        """Those that WIDGET_ORIGINS names for the first widget."""
        return sorted(self._of_settings - self._own)

    async def look(self) -> None:
        self._known = await self._store.read(widgets.origins)

    async def require(self, key: str, origin: str | None) -> None:
        """Refusal `forbidden` when there is no such widget, or `origin` may not show it."""
        await self.look()
        if key != self.first_key and key not in self._known:
            raise Refusal("forbidden", "there is no widget with this key")
        of_widget = self._known.get(key, frozenset()) | (self._of_settings if key == self.first_key else self._own)
        if origin not in of_widget:
            raise Refusal("forbidden", "this site is not allowed to show the widget; add it to the widget's sites")

    async def require_any(self, origin: str | None) -> None:
        """The same for a question that comes without a key."""
        await self.look()
        if origin is None or not self.lets_in(origin):
            raise Refusal("forbidden", "this site is not allowed to show the widget; add it to the widget's sites")

    def lets_in(self, origin: str) -> bool:
        return origin in self._of_settings or any(origin in sites for sites in self._known.values())
