"""``python -m libatmn``: the version, and where keys come from here."""

import sys

from libatmn import __version__, explain_key


def main() -> int:
    """Print what a bug report needs; keys are masked."""
    lines = [f"libatmn {__version__}"]
    for location in explain_key():
        masked = f": {location.masked}" if location.masked else ""
        lines.append(f"{location.outcome:<8}  {location}{masked}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
