"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
BOT = ROOT / ".venv" / "bot" / "bin" / "python"
SERVER = ROOT / ".venv" / "server" / "bin" / "python"
WEB = ROOT / "handoff_server" / "web"
VAR = ROOT / "var"
LOGS = VAR / "log"
MODEL = ROOT / "models" / "relevo.tar.gz"


def environment() -> dict[str, str]:
    """Of every program we start: settings from `.env` and `var/secrets.env`, Node and our programs first on PATH."""
    settings = {
        "RELEVO_HOST": "127.0.0.1",
        "RELEVO_PORT": "8000",
        "RASA_PORT": "5005",
        "ACTIONS_PORT": "5055",
        "RASA_TRACKER_DB": str(VAR / "rasa.db"),
        "SHOP_DATABASE_URL": f"sqlite:///{VAR / 'shop.db'}",
        "DATABASE_URL": f"sqlite:///{VAR / 'relevo.db'}",
        **read_settings(VAR / "secrets.env"),
        **read_settings(ROOT / ".env"),
        **os.environ,
    }
    settings.setdefault("RASA_URL", f"http://127.0.0.1:{settings['RASA_PORT']}")
    settings.setdefault("ACTIONS_URL", f"http://127.0.0.1:{settings['ACTIONS_PORT']}/webhook")
    settings.setdefault("SERVER_URL", f"http://127.0.0.1:{settings['RELEVO_PORT']}")
    return {
        **settings,
        "PATH": f"{SERVER.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SANIC_HOST": "127.0.0.1",
    }


def read_settings(path: Path) -> dict[str, str]:
    """NAME=value lines; `#` starts a comment line."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#") and "=" in line)
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
