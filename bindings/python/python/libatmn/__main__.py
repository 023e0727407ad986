"""``python -m libatmn``: the version, and where keys come from here."""

import sys

from libatmn import __version__, explain_key


def main() -> int:
    """Print what a bug report needs; keys are masked."""
    lines = [f"libatmn {__version__}"]
    for place in explain_key():
        masked = f": {place.masked}" if place.masked else ""
        lines.append(f"{place.outcome:<8}  {place}{masked}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
