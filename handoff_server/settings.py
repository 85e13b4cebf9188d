"""Settings: read once from the environment (or `.env`), checked together, explained in `.env.example`."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


# What each channel needs: set up wholly or not at all, since an empty secret would let everybody sign.
CHANNEL_SETTINGS = {
    "whatsapp": (
        "whatsapp_phone_number_id",
        "whatsapp_token",
        "whatsapp_app_secret",
        "whatsapp_verify_token",
    ),
    "twilio_whatsapp": ("twilio_number", "twilio_account_sid", "twilio_auth_token"),
    "telegram": ("telegram_token", "telegram_secret"),
    "messenger": ("messenger_page_id", "messenger_token", "messenger_app_secret", "messenger_verify_token"),
    "instagram": ("instagram_account_id", "instagram_token", "instagram_app_secret", "instagram_verify_token"),
}


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
    whatsapp_templates_file: Path | None = Field(None, description="Approved templates that agents may send")
    twilio_number: str = Field("", pattern=r"^(\+[0-9]{5,20})?$")
    twilio_account_sid: str = Field("", pattern="^[A-Za-z0-9]{0,40}$")
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_api_url: str = "https://api.twilio.com/2010-04-01"
    telegram_token: SecretStr = SecretStr("")
    telegram_secret: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    messenger_page_id: str = Field("", pattern="^[0-9]{0,40}$")
    messenger_token: SecretStr = SecretStr("")
    messenger_app_secret: SecretStr = SecretStr("")
    messenger_verify_token: SecretStr = SecretStr("")
    messenger_api_url: str = "https://graph.facebook.com/v26.0"
    instagram_account_id: str = Field("", pattern="^[0-9]{0,40}$")
    instagram_token: SecretStr = SecretStr("")
    instagram_app_secret: SecretStr = SecretStr("")
    instagram_verify_token: SecretStr = SecretStr("")
    instagram_api_url: str = "https://graph.instagram.com/v26.0"
    widget_key: str = Field("demo", pattern="^[a-z0-9-]{1,40}$")
    # One address may be a whole company, or a mobile network. Never so tight that these are shut out.
    widget_sessions_per_minute: int = Field(30, ge=1)
    widget_conversations_per_day: int = Field(500, ge=1)
    widget_files_per_day: int = Field(50, ge=1, description="Files that a customer may upload in one conversation")
    widget_files_of_address_per_day: int = Field(1000, ge=1)
    widget_sockets: int = Field(300, ge=1, description="Open connections of widgets from one address")
    simulator_url: str | None = Field(None, description="Where /simulator leads, in development")
    trusted_proxies: str = Field("", description="Addresses whose X-Forwarded-For is believed, comma-separated")
    widget_origins: str = Field("", description="Sites that may show the widget, comma-separated, besides our own")

    @model_validator(mode="after")
    def _whole_channels(self) -> "Settings":
        for names in CHANNEL_SETTINGS.values():
            given = [name for name in names if self._is_set(name)]
            for name in names if given else ():
                if name not in given:
                    raise ValueError(f"{name.upper()} is empty, but {given[0].upper()} is set; set both")
        secret = self.telegram_secret.get_secret_value()
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise ValueError("TELEGRAM_SECRET has signs that Telegram does not take; use A-Z a-z 0-9 _ - only")
        return self

    def has_channel(self, name: str) -> bool:
        return not self.lacks_of_channel(name)

    def lacks_of_channel(self, name: str) -> list[str]:
        """The names of its settings that have no value, as the environment has them."""
        return [one.upper() for one in CHANNEL_SETTINGS[name] if not self._is_set(one)]

    def _is_set(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)

    @field_validator("teams_file", "media_dir", "whatsapp_templates_file", mode="before")
    @classmethod
    def _from_the_root(cls, value: Any) -> Any:
        return ROOT / value if value else None

    @field_validator(
        *("rasa_url", "public_url", "whatsapp_api_url", "twilio_api_url"),
        *("telegram_api_url", "messenger_api_url", "instagram_api_url"),
    )
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
