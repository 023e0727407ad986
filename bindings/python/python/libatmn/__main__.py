"""``python -m libatmn``: the version, and the locations of keys. ``python -m libatmn login``: log in."""

import contextlib
import os
import sys

from libatmn import AtmnError, __version__, explain_key
from libatmn._login import login, terminal_listener, write_line


def main(arguments: "list[str]") -> int:
    """Run the program; return its exit code."""
    if arguments not in ([], ["login"]):
        write_line(sys.stderr, "usage: python -m libatmn [login]")
        return 2
    try:
        return _login() if arguments else _explain()
    except AtmnError as error:
        write_line(sys.stderr, f"error[{error.code}]: {error}" + (f"\n{error.hint}" if error.hint else ""))
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError:  # the reader of the output has gone, or the disk is full
        _discard_output()
        return 1


def _discard_output() -> None:
    """Send what is still buffered nowhere, since Python would fail to write it when the program ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain() -> int:
    """Print what a bug report needs. Keys are masked."""
    write_line(sys.stdout, f"libatmn {__version__}")
    for location in explain_key():
        masked = f": {location.masked}" if location.masked else ""
        write_line(sys.stdout, f"{location.outcome:<8}  {location}{masked}")
    return 0


def _login() -> int:
    done = login(on_event=terminal_listener())
    saved = f"saved in {done.saved.path}" if done.saved else "kept: the keys that were already there still work"
    write_line(sys.stdout, f"{', '.join(map(str, done.keys))} {saved}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
