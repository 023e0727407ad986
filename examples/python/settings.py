"""Beside python-dotenv and pydantic-settings: they read the settings, libatmn the key, all of them the same `.env`."""

import dotenv
import libatmn
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything else that is in `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    port: int = 8000


def main() -> None:
    """Read one file three ways; none of them shows the key."""
    print("Port", Settings().port)
    print("Greeting", dotenv.dotenv_values(".env")["GREETING"])
    found = libatmn.resolve_key()
    print("Key", found.key, "from", found.source)
    # Values of the process come first, so load_dotenv() makes no difference but to where the key is found.
    dotenv.load_dotenv(".env")
    print("Key", libatmn.resolve_key().key, "from", libatmn.resolve_key().source)


if __name__ == "__main__":
    main()
