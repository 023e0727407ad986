"""Logs in, unless the keys in `.env` still work, and prints what was saved."""

import sys

import libatmn


def main() -> int:
    """Open the browser and wait. Ctrl-C ends the login."""
    try:
        done = libatmn.login(on_event=libatmn.terminal_listener())
    except libatmn.AtmnError as error:
        print(error, error.hint or "", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if done.organization is not None:
        print("Organization:", done.organization.name)
    print("Keys:", *done.keys)
    print("Saved in:", done.saved.path if done.saved else "nothing new; the keys in .env still work and were kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
