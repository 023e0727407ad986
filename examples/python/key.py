"""Finds the active key and prints where it was found."""

import sys

import libatmn


def main() -> int:
    """Print the key, masked; ``found.key.reveal()`` returns the text."""
    try:
        found = libatmn.resolve_key(environment="sandbox")
    except libatmn.AtmnError as error:
        print(error, error.hint or "", file=sys.stderr)
        return 4 if error.code == "key_not_found" else 1
    print(found.key, "from", found.source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
