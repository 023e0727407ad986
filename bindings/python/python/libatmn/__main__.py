"""``python -m libatmn``: the ``atmn`` command."""

import os
import signal
import sys
from contextlib import suppress

from libatmn import _native
from libatmn._wait import wait


def main() -> int:
    """Run the command with the arguments of the process; return its exit code.

    Its standard streams and its environment are those of the process. It may end the process, or replace it.
    """
    _restore_signals()
    # An installed script has the name of the package.
    is_module = os.path.basename(sys.argv[0]) == "__main__.py"
    return wait(_native.command("python -m libatmn" if is_module else "libatmn", sys.argv[1:]), None)


def _restore_signals() -> None:
    """Undo what Python has changed for itself: the command, and programs that it runs, have their own handlers."""
    with suppress(ValueError):  # not on the main thread
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        if sys.platform != "win32":
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
