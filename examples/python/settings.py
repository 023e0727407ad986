"""Reads one `.env` with python-dotenv, pydantic-settings and libatmn."""

import dotenv
import libatmn
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The other settings in `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    port: int = 8000


def main() -> None:
    """Read the file three times. The key stays masked."""
    print("Port", Settings().port)
    print("Greeting", dotenv.dotenv_values(".env")["GREETING"])
    found = libatmn.resolve_key()
    print("Key", found.key, "from", found.source)
    # Environment variables take precedence, so after load_dotenv() the same key comes from the process.
    dotenv.load_dotenv(".env")
    print("Key", libatmn.resolve_key().key, "from", libatmn.resolve_key().source)


if __name__ == "__main__":
    main()
