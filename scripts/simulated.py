"""Settings that let the simulator play the channels that nobody has set up. In development only."""

from typing import Dict, Mapping

_SETTINGS = {
    "whatsapp": {
        "WHATSAPP_PHONE_NUMBER_ID": "104000000000001",
        "WHATSAPP_TOKEN": "{secret}",
        "WHATSAPP_APP_SECRET": "{secret}",
        "WHATSAPP_VERIFY_TOKEN": "{secret}",
        "WHATSAPP_API_URL": "{origin}/whatsapp/v26.0",
    },
    "telegram": {
        "TELEGRAM_TOKEN": "700000001:{secret}",
        "TELEGRAM_SECRET": "{secret}",
        "TELEGRAM_API_URL": "{origin}/telegram",
    },
    "messenger": {
        "MESSENGER_PAGE_ID": "105000000000001",
        "MESSENGER_TOKEN": "{secret}",
        "MESSENGER_APP_SECRET": "{secret}",
        "MESSENGER_VERIFY_TOKEN": "{secret}",
        "MESSENGER_API_URL": "{origin}/messenger",
    },
    "instagram": {
        "INSTAGRAM_ACCOUNT_ID": "106000000000001",
        "INSTAGRAM_TOKEN": "{secret}",
        "INSTAGRAM_APP_SECRET": "{secret}",
        "INSTAGRAM_VERIFY_TOKEN": "{secret}",
        "INSTAGRAM_API_URL": "{origin}/instagram",
    },
}


def implied(told: Mapping[str, str]) -> Dict[str, str]:
    """A channel of which anything is set is its operator's, and stays as it is."""
    if told["ENVIRONMENT"] == "production":
        return {"SIMULATOR": "false"}
    origin = f"http://127.0.0.1:{told['SIMULATOR_PORT']}"
    ours = [name for name, settings in _SETTINGS.items() if not any(map(told.get, settings))]
    played = {
        setting: value.format(secret=told["SIMULATOR_SECRET"], origin=origin)
        for name in ours
        for setting, value in _SETTINGS[name].items()
    }
    return {**played, "SIMULATOR": "true", "SIMULATOR_URL": f"{origin}/", "SIMULATED": " ".join(ours)}
