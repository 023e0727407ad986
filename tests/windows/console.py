"""A person at a Windows console: logs in by pasting, is told about nonsense, and cancels with Ctrl-C.

Usage: console.py WINE ATMN PROJECT
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
import urllib.request

wine, atmn, project = sys.argv[1:]
SECONDS = 60


class Console:
    """`atmn` in a terminal wide enough for an address on one line."""

    def __init__(self, *arguments):
        self.shown = ""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(project)
            os.environ["BROWSER"] = "none"
            os.execv(wine, [wine, atmn, *arguments])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 2000, 0, 0))

    def until(self, pattern):
        """Reads on until this is shown."""
        deadline = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self.shown)):
            self._read(deadline, pattern)
        return found

    def end(self):
        """Reads to the end; the exit code."""
        deadline = time.monotonic() + SECONDS
        while self._read(deadline, "the end"):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def type(self, text):
        os.write(self.terminal, text.encode())

    def _read(self, deadline, wanted):
        ready, _, _ = select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.exit(f"no {wanted!r} in:\n{self.shown}")
        try:
            more = os.read(self.terminal, 1 << 16).decode(errors="replace")
        except OSError:
            more = ""
        # What is left without what moves the cursor.
        self.shown += re.sub(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07)", "", more)
        return more


def approve(server, url):
    """Says yes in the browser's stead; the address at which the login ends."""
    form = json.dumps({"url": url, "person": "ada@example.com", "organization": "night-library"}).encode()
    request = urllib.request.Request(f"{server}/_test/approve", form, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["callback"]


def main():
    serve = subprocess.Popen([wine, atmn, "serve", "--controls", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        server = next(line.strip() for line in serve.stdout if line.startswith("http://"))
        os.environ["ATMN_BACKEND_URL"] = server

        console = Console("login", "--force")
        url = console.until(r"http://\S+/authorize\?\S+prompt=consent").group()
        console.until("Waiting up to 5 minutes")
        console.type("nonsense\r\n")
        console.until("This is not the answer to the login.*Still waiting")
        console.type(f"{approve(server, url)}\r\n")
        console.until(r"Logged in to Night Library")
        console.until(r"Saved the live key am_sk_live_….{4} in Z:\\\S+\\\.env")
        assert console.end() == 0, console.shown
        print("a paste logs in")

        console = Console("login", "--force")
        console.until("Waiting up to 5 minutes")
        console.type("\x03")
        console.until("Login cancelled.*Nothing was saved")
        assert console.end() == 130, console.shown
        print("Ctrl-C cancels")
    finally:
        serve.terminate()


main()
