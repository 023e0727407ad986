"""Tests a login in a Windows console: wrong input, a pasted callback URL, and Ctrl-C.

Usage: console.py WINE ATMN PROJECT
"""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import urllib.request

wine, atmn, project = sys.argv[1:]


class Console:
    """`atmn` in a terminal that is wide enough for a URL on one line."""

    def __init__(self, *arguments):
        self.output = ""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(project)
            # The parent of this test may ignore them, and Wine's console relies on SIGINT.
            for inherited in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
                signal.signal(inherited, signal.SIG_DFL)
            os.environ["BROWSER"] = "none"
            os.execv(wine, [wine, atmn, *arguments])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 2000, 0, 0))

    def until(self, pattern):
        """Reads until the output matches the pattern; returns the match."""
        while not (found := re.search(pattern, self.output)):
            if not self._read():
                sys.exit(f"no {pattern!r} in:\n{self.output}")
        return found

    def end(self):
        """Reads until the program ends; returns its exit code."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def type(self, text):
        os.write(self.terminal, text.encode())

    def _read(self):
        """Reads more output; empty at its end. No time limit: a login ends after five minutes."""
        try:
            more = os.read(self.terminal, 1 << 16).decode(errors="replace")
        except OSError:
            more = ""
        # Removes the escape sequences.
        self.output += re.sub(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07)", "", more)
        return more


def approve(server, url):
    """Approves the login as the user; returns the callback URL."""
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
        console.until("That is not the callback URL.*Still waiting")
        console.type(f"{approve(server, url)}\r\n")
        console.until(r"Logged in to `Night Library`")
        console.until(r"Saved the live key am_sk_live_….{4} in Z:\\\S+\\\.env")
        assert console.end() == 0, console.output
        print("a pasted callback URL logs in")

        console = Console("login", "--force")
        console.until("Waiting up to 5 minutes")
        console.type("\x03")
        console.until("Login cancelled.*Nothing was saved")
        assert console.end() == 130, console.output
        print("Ctrl-C cancels")
    finally:
        serve.terminate()


main()
