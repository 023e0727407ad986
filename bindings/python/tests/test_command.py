"""``python -m libatmn`` and the script ``libatmn`` are the ``atmn`` command."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from autumn import HANG, Autumn
from conftest import LIVE, SANDBOX
from terminal import Terminal, shown_url

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULE = [sys.executable, "-m", "libatmn"]
SCRIPT = Path(sys.executable).with_name("libatmn")
# Calls whose results are those of the command, with what they read from standard input.
CALLS: Sequence[tuple[str, str]] = [
    ("", ""),
    ("-h", ""),
    ("--help", ""),
    ("login --help", ""),
    ("api -h", ""),
    ("completions --help", ""),
    ("completions zsh", ""),
    ("version", ""),
    ("logn", ""),
    ("login --force-it", ""),
    ("--json nothing", ""),
    ("key", ""),
    ("key --json", ""),
    ("key --prod --explain", ""),
    ("key --check", "hunter2"),
    ("key --check --json", f" {SANDBOX}\n"),
    ("env", ""),
    ("save", ""),
    (f"save {SANDBOX}", ""),
    ("save --json", f"{SANDBOX} {LIVE}"),
    ("key --reveal", ""),
    ("run -- sh -c 'exit 7'", ""),
    ("run -- /nowhere/program", ""),
    ("logout --file .env.local", ""),
    ("logout --json", ""),
]


def results(program: Sequence[str], name: str, folder: Path) -> list[tuple[str, int, str, str]]:
    """Run all calls in a new folder; return exit codes and output, with the name of the command."""
    folder.mkdir()
    return [(arguments, *result(program, name, arguments, text, folder)) for arguments, text in CALLS]


def result(program: Sequence[str], name: str, arguments: str, text: str, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [*program, *shlex.split(arguments)],
        input=text,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
        cwd=folder,
    )
    # A longer name moves columns and line breaks of the help.
    out, err = (each.replace(name, "atmn").replace(str(folder), "FOLDER") for each in (done.stdout, done.stderr))
    return done.returncode, " ".join(out.split()), " ".join(err.split())


def test_results_exit_codes_and_messages_are_those_of_the_command(autumn: Autumn, tmp_path: Path) -> None:
    assert autumn.url
    expected = results([os.environ["ATMN"]], "atmn", tmp_path / "command")
    assert {code for _, code, _, _ in expected} == {0, 1, 2, 4, 7, 127}
    assert results(MODULE, "python -m libatmn", tmp_path / "module") == expected
    assert results([str(SCRIPT)], "libatmn", tmp_path / "script") == expected


def test_help_and_hints_have_the_name_that_the_user_typed(autumn: Autumn) -> None:
    assert autumn.url
    for program, name in ((MODULE, "python -m libatmn"), ([str(SCRIPT)], "libatmn")):
        text = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True, timeout=HANG).stdout
        assert f"Usage: {name} [OPTIONS] <COMMAND>" in text
        assert f"  {name} login " in text
        done = subprocess.run([*program, "key"], capture_output=True, text=True, check=False, timeout=HANG)
        assert done.returncode == 4
        assert f"hint: Run `{name} login` to create keys" in done.stderr
        begun = subprocess.run(
            [*program, "login", "--begin", "--json"], capture_output=True, text=True, check=True, timeout=HANG
        )
        assert json.loads(begun.stdout)["next"].endswith(f"| {name} login --complete")


def test_doctor_judges_the_way_in_which_it_was_started() -> None:
    for program, name in ((MODULE, "python -m libatmn"), ([str(SCRIPT)], "libatmn")):
        command = [*program, "doctor", "--offline", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)
        checks = {each["subject"]: each for each in json.loads(done.stdout)["checks"]}
        assert checks["programs"]["outcome"] == "ok"
        assert checks["programs"]["message"] == f"You run this command as `{name}`."


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_signals_end_a_command_that_waits(number: signal.Signals, code: int) -> None:
    command = ["env", "--default-signal", *MODULE, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://localhost:")
        server.send_signal(number)
        assert server.wait(HANG) == code


def test_an_ignored_signal_stays_ignored() -> None:
    command = ["env", "--default-signal", "--ignore-signal=HUP,INT", *MODULE, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline()
        server.send_signal(signal.SIGINT)
        server.send_signal(signal.SIGHUP)
        server.send_signal(signal.SIGTERM)
        assert server.wait(HANG) == 143


def test_ctrl_c_in_a_terminal_ends_a_login_with_130(autumn: Autumn) -> None:
    assert autumn.url
    terminal = Terminal(*MODULE, "login", "--no-browser", "--force")
    terminal.until("Waiting")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Login cancelled." in terminal.shown
    assert "Traceback" not in terminal.shown


def test_a_pasted_callback_url_ends_a_login(autumn: Autumn) -> None:
    terminal = Terminal("env", "TERM=dumb", *MODULE, "login", "--no-browser", "--force")
    url = shown_url(terminal.until("Waiting").splitlines())
    terminal.type(f"{autumn.approved(url)}\n")
    assert terminal.end() == 0
    assert "Logged in to" in terminal.shown


def test_a_program_that_is_run_has_the_signals_of_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTUMN_SECRET_KEY", SANDBOX)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def signals(*program: str) -> str:
        command = [
            "env",
            "--default-signal",
            *program,
            "run",
            "--",
            "grep",
            "-E",
            "^Sig(Blk|Ign|Cgt)",
            "/proc/self/status",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=HANG).stdout

    expected = signals(os.environ["ATMN"])
    assert expected.count("\n") == 3
    assert signals(*MODULE) == expected


def test_arguments_need_not_be_utf8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)
    Path(os.fsdecode(folder), ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    command = [*map(os.fsencode, MODULE), b"key", b"--dir", folder]
    assert subprocess.run(command, capture_output=True, check=True, timeout=HANG).stdout.decode() == f"{SANDBOX}\n"


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", ">/dev/full"])
def test_closed_streams_are_those_of_the_command(redirection: str) -> None:
    def run(*program: str) -> tuple[int, str, str]:
        line = f'exec "$@" completions bash {redirection}'
        command = ["sh", "-c", line, "sh", *program]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)
        return done.returncode, done.stdout, done.stderr

    assert run(*MODULE) == run(os.environ["ATMN"])
