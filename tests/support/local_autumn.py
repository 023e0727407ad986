"""A local Autumn for tests in Python that do not have the package: `atmn serve --controls`, and the user at its pages."""

import json
import subprocess
from contextlib import contextmanager
from urllib.request import ProxyHandler, Request, build_opener

PERSON = {"person": "ada@example.com", "organization": "night-library"}
# Follows redirects, and never uses a proxy.
OPENER = build_opener(ProxyHandler({}))


class LocalAutumn:
    """A running server."""

    def __init__(self, url):
        self.url = url

    def control(self, method, name, body=None):
        """Call a control route."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_test/{name}", data, {"content-type": "application/json"}, method=method)
        with OPENER.open(request, timeout=60) as response:
            return json.load(response)

    def key(self):
        """Return a sandbox key that works."""
        known = self.control("GET", "keys")
        return next(each["key"] for each in known if (each["kind"], each["environment"]) == ("secret", "sandbox"))

    def approve(self, login_url):
        """Play the user and the browser; return the page that the browser shows at the end."""
        callback = self.control("POST", "approve", {"url": login_url, **PERSON})["callback"]
        with OPENER.open(callback, timeout=60) as response:
            return response.read().decode()


@contextmanager
def local_autumn(command):
    """Start a server; `command` is the words that run `atmn`."""
    arguments = [*command, "serve", "--controls", "--port", "0", "--quiet"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield LocalAutumn(process.stdout.readline().strip())
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:  # Wine sometimes loses the signal
                process.kill()
