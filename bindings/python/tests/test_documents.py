"""The documentation is true: docstrings, README, guides and examples."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE
from urllib.parse import urlsplit

import libatmn
import pytest
from autumn import HANG, Autumn
from clients import CLIENTS
from conftest import SANDBOX

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
EXAMPLES = REPOSITORY / "examples" / "python"
MODULES = [name for _, name, _ in pkgutil.iter_modules(libatmn.__path__, "libatmn.") if name != "libatmn.__main__"]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Opens the login URL as a browser would, and approves the login.
BROWSER = "import sys; from autumn import Autumn, follow; follow(Autumn(sys.argv[1]).approved(sys.argv[2]))"


class Checker(doctest.OutputChecker):
    """Treats `…`, the ends of keys, paths and servers as placeholders."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Compare the expected with the actual output."""
        want = re.sub(r"…(\w{4}\b)?", "...", want)
        want = want.replace("/srv/shop", os.getcwd()).replace(
            "https://api.useautumn.com", os.environ["ATMN_BACKEND_URL"]
        )
        return super().check_output(want, got, optionflags)


@pytest.fixture
def browser(autumn: Autumn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser program that logs in, and a project with a working key."""
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={HERE} exec {sys.executable} -c "{BROWSER}" {autumn.url} "$1"\n')
    program.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(program))
    libatmn.login(on_event=autumn.browser(), open_browser=False, sandbox_only=True)


def run(test: doctest.DocTest, *, clear: bool = True) -> None:
    """Run the examples of one docstring or page."""
    out: list[str] = []
    result = doctest.DocTestRunner(Checker(), optionflags=OPTIONS).run(test, out=out.append, clear_globs=clear)
    assert result.failed == 0, "".join(out)


def documented() -> list[doctest.DocTest]:
    """Every docstring with an example."""
    finder, tests = doctest.DocTestFinder(), []
    modules = [importlib.import_module(name) for name in ["libatmn", *MODULES]]
    # Classes name the package as their module; they are in its namespace once they have been used.
    for name in libatmn.__all__:
        getattr(libatmn, name)
    for module in modules:
        tests += [test for test in finder.find(module) if test.examples]
    return tests


@pytest.mark.parametrize("test", documented(), ids=lambda test: test.name)
@pytest.mark.usefixtures("browser")
def test_docstring_examples_run(test: doctest.DocTest) -> None:
    run(test)


def test_every_operation_has_an_example() -> None:
    shown = {test.name.rpartition(".")[2] for test in documented()}
    operations = {
        name
        for name in libatmn.__all__
        if callable(getattr(libatmn, name)) and getattr(libatmn, name).__class__.__name__ == "function"
    }
    # `complete_login` needs pasted text, and `login` shows `terminal_listener`.
    assert operations - shown == {"complete_login", "terminal_listener"}


@pytest.mark.usefixtures("browser")
def test_readme_examples_run(autumn: Autumn, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (HERE.parent / "README.md").read_text()
    examples = "\n".join(blocks(text))
    assert examples.count(">>>") == text.count(">>>") >= 24

    def paste(prompt: str) -> str:
        attempt: libatmn.LoginAttempt = test.globs["attempt"]
        print(prompt + "...")  # noqa: T201 - doctest compares the prompt
        return autumn.approved(attempt.url)

    monkeypatch.setattr("builtins.input", paste)
    test = doctest.DocTestParser().get_doctest(examples, {"customers": {}}, "README.md", "README.md", 0)
    run(test, clear=False)
    # Requests without a key, to the server in the README.
    for client_type in ("dashboard", "cli"):
        request = {"method": "GET", "path": "/v1/customers", "headers": {"x-client-type": client_type}}
        status, body = test.globs["principal"](request)
        assert (status, body["code"]) == (401, "no_secret_key")


def blocks(page: str) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def programs() -> list[tuple[str, str]]:
    """Every program in the README and the guides, with a name."""
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    return [(f"{page.name} {number}", each) for page in pages for number, each in enumerate(blocks(page.read_text()))]


def test_pages_contain_programs() -> None:
    names = [name for name, _ in programs()]
    assert "README.md 0" in names
    assert "python.md 4" in names


@pytest.mark.parametrize("program", [each for _, each in programs()], ids=[name for name, _ in programs()])
@pytest.mark.usefixtures("browser")
def test_programs_on_the_pages_run(program: str, autumn: Autumn) -> None:
    libatmn.save_keys([autumn.unlimited_key()])
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    known = autumn.keys()
    assert known
    assert not any(each["key"] in done.stdout + done.stderr for each in known)


def test_pictures_are_up_to_date(project: Path) -> None:
    pictures = REPOSITORY / "docs" / "pictures"
    subprocess.run([sys.executable, str(pictures / "draw"), str(project)], check=True, timeout=HANG)
    drawn = sorted(project.iterdir())
    assert len(drawn) == 2
    for picture in drawn:
        assert picture.read_text() == (pictures / picture.name).read_text(), "run docs/pictures/draw"


def example(name: str, *, stdin: str = "") -> tuple[str, str, int]:
    """Run one of the examples."""
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=HANG, check=False)
    return done.stdout, done.stderr, done.returncode


def test_example_key_prints_the_masked_key(project: Path) -> None:
    out, err, code = example("key.py")
    assert (out, code) == ("", 4)
    assert err
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    assert example("key.py") == (f"am_sk_test_…dbox from AUTUMN_SECRET_KEY in {project}/.env, line 1\n", "", 0)


@pytest.mark.usefixtures("browser")
def test_example_login_saves_keys_that_request_uses(autumn: Autumn, project: Path) -> None:
    (project / ".env").unlink()
    out, err, code = example("login.py")
    assert code == 0, err
    assert out.startswith("Organization: Night Library\nKeys: am_sk_test_…")
    assert err.startswith(f"Log in at this URL: {autumn.url}")
    assert f"Saved in: {project}/.env" in out
    assert example("request.py")[0].startswith("cus_first First Customer\n")
    out, err, code = example("login.py")
    assert (err, code) == ("", 0)
    assert "kept" in out


def test_example_notebook_logs_in(autumn: Autumn) -> None:
    command = [sys.executable, "-u", str(EXAMPLES / "notebook.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Log in at ").strip()
        out, _ = process.communicate(f"{autumn.approved(url)}\n", timeout=HANG)
    assert out.startswith("Pasted URL: Logged in to Night Library\nAUTUMN_SECRET_KEY in ")
    assert process.returncode == 0


def test_example_settings_reads_the_file_with_three_libraries(project: Path) -> None:
    (project / ".env").write_text("PORT=8123\nGREETING='Good morning'\n")
    libatmn.save_keys([SANDBOX])
    out, err, code = example("settings.py")
    assert code == 0, err
    assert out == (
        "Port 8123\nGreeting Good morning\n"
        f"Key am_sk_test_…dbox from AUTUMN_SECRET_KEY in {project}/.env, line 3\n"
        "Key am_sk_test_…dbox from AUTUMN_SECRET_KEY in the process environment\n"
    )


def test_example_server_accepts_known_keys_only() -> None:
    with subprocess.Popen([sys.executable, str(EXAMPLES / "server.py")], stdout=PIPE, stderr=PIPE, text=True) as it:
        assert it.stdout is not None
        url = urlsplit(it.stdout.readline().strip())
        answers: list[tuple[int, str]] = []
        for key in ("am_sk_test_example0123456789", SANDBOX):
            connection = HTTPConnection(url.netloc, timeout=HANG)
            connection.request("GET", "/v1/customers", headers={"Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
            answers.append((answer.status, answer.read().decode()))
            connection.close()
        it.terminate()
        out, err = it.communicate(timeout=HANG)
    refused = '{"message": "Invalid secret key", "code": "invalid_secret_key", "env": "sandbox"}'
    assert answers == [(200, '{"customer": "example"}'), (401, refused)]
    assert "Refused GET /v1/customers: invalid_secret_key (sandbox).\n" in err
    assert SANDBOX not in out + err


def test_every_public_name_is_documented() -> None:
    for module in (libatmn, importlib.import_module("libatmn.aio")):
        for name in module.__all__:
            value = getattr(module, name)
            if not (isinstance(value, type) or inspect.isfunction(value)) or value.__module__ == "collections.abc":
                continue
            assert value.__doc__, name
            public = {member: each for member, each in vars(value).items() if not member.startswith("_")}
            assert all(each.__doc__ for each in public.values()), name


def test_table_of_clients_has_those_of_the_tests() -> None:
    page = (REPOSITORY / "docs" / "adopting.md").read_text().replace("`", "")
    rows = [line.split(" | ")[0] for line in page.splitlines()]
    listed = [row.partition(": ")[2] for row in rows if row.startswith("| Python: ")]
    assert "| Client.request, all languages" in rows
    assert ["Client.request", *listed] == list(CLIENTS)
