"""Logs in, unless the keys that are there still work, and says what was saved."""

import sys

import libatmn


def main() -> int:
    """Open the browser and wait; Ctrl-C ends it."""
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
    print("Saved in:", done.saved.path if done.saved else "nothing: the keys that were there still work")
    return 0


if __name__ == "__main__":
    sys.exit(main())
