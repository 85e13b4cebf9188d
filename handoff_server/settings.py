"""Settings: read once from the environment (or `.env`), checked together, explained in `.env.example`."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting of the hub."""

    model_config = SettingsConfigDict(
        env_file=(ROOT / "var" / "secrets.env", ROOT / ".env"), extra="ignore", populate_by_name=True
    )

    environment: Literal["development", "production"] = "development"
    host: str = Field("127.0.0.1", alias="RELEVO_HOST")
    port: int = Field(8000, alias="RELEVO_PORT", ge=1, le=65535)
    public_url: str | None = Field(None, description="How browsers reach the hub, when it stands behind a proxy")
    database_url: str = "sqlite:///var/relevo.db"
    media_dir: Path = Field(ROOT / "var/media", description="Where the files of messages are kept")
    teams_file: Path | None = Field(ROOT / "teams.yml", description="Empty: one team that is always there")
    rasa_url: str = "http://127.0.0.1:5005"
    rasa_token: SecretStr = SecretStr("")
    handoff_token: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")
    turn_deadline_ms: int = Field(8000, ge=100, le=60000)
    gather_ms: int = Field(1200, ge=0, le=5000, description="Messages this close on a messaging app are one turn")
    unclear_ms: int = Field(30000, ge=100, le=600000)
    whatsapp_phone_number_id: str = Field("", pattern="^[0-9]{0,40}$", description="Empty: the channel is off")
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_api_url: str = "https://graph.facebook.com/v26.0"
    widget_key: str = Field("demo", pattern="^[a-z0-9-]{1,40}$")
    # One address may be a whole company, or a mobile network. Never so tight that these are shut out.
    widget_sessions_per_minute: int = Field(30, ge=1)
    widget_conversations_per_day: int = Field(500, ge=1)
    widget_sockets: int = Field(300, ge=1, description="Open connections of widgets from one address")
    trusted_proxies: str = Field("", description="Addresses whose X-Forwarded-For is believed, comma-separated")
    widget_origins: str = Field("", description="Sites that may show the widget, comma-separated, besides our own")

    @model_validator(mode="after")
    def _whole_channels(self) -> "Settings":
        """A channel is set up wholly or not at all: an empty secret would let everybody sign."""
        for name in ("token", "app_secret", "verify_token") if self.whatsapp_phone_number_id else ():
            if not getattr(self, f"whatsapp_{name}").get_secret_value():
                raise ValueError(f"WHATSAPP_{name.upper()} is empty, but WHATSAPP_PHONE_NUMBER_ID is set; set both")
        return self

    @field_validator("teams_file", "media_dir", mode="before")
    @classmethod
    def _from_the_root(cls, value: Any) -> Any:
        return ROOT / value if value else None

    @field_validator("rasa_url", "public_url", "whatsapp_api_url")
    @classmethod
    def _without_trailing_slash(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is not an address; it must start with http:// or https://")
        return value.rstrip("/") if value else value

    @property
    def address(self) -> str:
        """The origin under which browsers see us."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def own_origins(self) -> list[str]:
        local = [f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost")]
        return [self.address, *local]

    @property
    def allowed_widget_origins(self) -> list[str]:
        foreign = [origin.strip().rstrip("/") for origin in self.widget_origins.split(",") if origin.strip()]
        return [*self.own_origins, *foreign]

    @property
    def sqlalchemy_url(self) -> str:
        """SQLite paths are meant from the repository's root, wherever the process was started."""
        prefix = "sqlite:///"
        if self.database_url.startswith(prefix) and not self.database_url.startswith(prefix + "/"):
            return prefix + str(ROOT / self.database_url.removeprefix(prefix))
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)


@lru_cache
def load_settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # pydantic fills the fields from the environment
