"""Pasting where a program logs in: ``login(input=sys.stdin)``, in a real terminal."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import libatmn
import pytest
from autumn import Autumn
from libatmn import aio
from terminal import Terminal, shown_url

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCKING = """
import sys, libatmn
done = libatmn.login(on_event=libatmn.terminal_listener(), input=sys.stdin, open_browser=False)
print("LOGGED IN", *done.environments, flush=True)
print("THEN", repr(sys.stdin.readline()), flush=True)
"""
ASYNC = """
import asyncio, sys, libatmn
from libatmn import aio
done = asyncio.run(aio.login(on_event=libatmn.terminal_listener(), input=sys.stdin, open_browser=False))
print("LOGGED IN", *done.environments, flush=True)
print("THEN", repr(sys.stdin.readline()), flush=True)
"""
# A program of two lines, which the user interrupts.
INTERRUPTED = """
import sys, libatmn
try:
    libatmn.login(on_event=libatmn.terminal_listener(), input=sys.stdin, open_browser=False)
except KeyboardInterrupt:
    print("INTERRUPTED", flush=True)
    print("THEN", repr(sys.stdin.readline()), flush=True)
"""


@pytest.mark.parametrize("script", [BLOCKING, ASYNC])
def test_pasted_callback_url_ends_the_login_and_is_not_shown(script: str, autumn: Autumn) -> None:
    terminal = Terminal.python(script)
    url = shown_url(terminal.until("prompt=consent").splitlines())
    assert not terminal.echoes()
    terminal.type("nonsense\n")
    shown = terminal.until("Still waiting.")
    assert "That is not the callback URL." in shown
    assert "nonsense" not in shown
    callback = autumn.approved(url)
    terminal.type(f"{callback}\n")
    shown = terminal.until("LOGGED IN sandbox live")
    assert callback not in shown
    assert terminal.echoes(), "the terminal shows again what is typed"
    terminal.type("next line\n")
    assert "THEN 'next line\\n'" in terminal.until("THEN '")
    assert terminal.end() == 0


def test_ctrl_c_ends_the_login_and_leaves_the_terminal_as_it_was(autumn: Autumn) -> None:
    assert autumn.url
    terminal = Terminal.python(INTERRUPTED)
    terminal.until("Log in at this URL")
    while terminal.echoes():
        terminal.type("\n")
        terminal.until("Log in")
    terminal.type("\x03")
    terminal.until("INTERRUPTED")
    assert terminal.echoes()
    terminal.type("rest\n")
    terminal.until("THEN 'rest\\n'")
    assert terminal.end() == 0


def blocking(stream: Any, on_event: Callable[[Any], object]) -> libatmn.LoginResult:
    return libatmn.login(on_event=on_event, input=stream, open_browser=False)


def on_loop(stream: Any, on_event: Callable[[Any], object]) -> libatmn.LoginResult:
    return asyncio.run(aio.login(on_event=on_event, input=stream, open_browser=False))


@pytest.mark.parametrize("login", [blocking, on_loop])
def test_lines_of_a_pipe_are_read_and_no_more(login: Any, autumn: Autumn) -> None:
    events: list[libatmn.Event] = []
    reader, writer = os.pipe()

    def on_event(event: libatmn.Event) -> None:
        events.append(event)
        if event.code == "login_url":
            callback = autumn.approved(event.context["url"])
            os.write(writer, f"\n \nam_sk_test_0123456789ab\n{callback}\nthe rest\n".encode())

    with os.fdopen(reader) as stream:
        assert login(stream, on_event).saved is not None
        os.close(writer)
        assert stream.read() == "the rest\n"
    answers = [event.message for event in events if event.message.endswith("Still waiting.")]
    assert len(answers) == 1
    assert "That is an Autumn API key or token" in answers[0] or "That is an Autumn key or token" in answers[0]
    assert "python -m libatmn save" in answers[0]


@pytest.mark.parametrize("login", [blocking, on_loop])
def test_the_end_of_the_input_leaves_the_login_waiting(login: Any, autumn: Autumn, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("not the callback URL")
    browser = autumn.browser()
    with file.open() as stream:
        assert login(stream, browser).saved is not None
    assert any(event.message.endswith("Still waiting.") for event in browser.events)
    with open(os.devnull) as nothing:
        assert login(nothing, autumn.browser()).saved is None


def test_without_input_no_event_asks_the_user_to_paste(autumn: Autumn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESPACES", "true")
    browser = autumn.browser()
    libatmn.login(on_event=browser, open_browser=False)
    with libatmn.start_login(force=True) as attempt:
        assert "forwards it" in (attempt.hint or "")
        assert "paste" not in (attempt.hint or "")
    hints = [event.message for event in browser.events if event.code == "hint"]
    assert any("forwards it" in hint for hint in hints)
    assert not any("paste" in hint for hint in hints)
    with open(os.devnull) as nothing:
        browser = autumn.browser()
        libatmn.login(on_event=browser, input=nothing, open_browser=False, force=True)
    assert any("paste its URL" in event.message for event in browser.events)


@pytest.mark.parametrize("login", [blocking, on_loop])
def test_input_must_be_open_and_have_a_descriptor(login: Any) -> None:
    with open(os.devnull) as closed:
        pass
    # Its descriptor was closed by another part of the program.
    with open(os.devnull) as nothing:
        broken = os.fdopen(os.dup2(nothing.fileno(), 900), closefd=False)
    os.close(900)
    for stream, message in ((io.StringIO("text"), "no open file"), (closed, "closed"), (broken, "no open file")):
        with pytest.raises(libatmn.InvalidArgument, match=f"`input` (is|has) {message}") as caught:
            login(stream, print)
        assert caught.value.context["option"] == "input"
        assert caught.value.hint is not None


def test_input_must_be_a_stream() -> None:
    for wrong in ("text", 0, object()):
        with pytest.raises(TypeError, match="input must be a text stream"):
            libatmn.login(on_event=print, input=wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(libatmn.LoginError) as raised:
        libatmn.login(on_event=None, input=sys.stdin)
    assert raised.value.code == "login_unattended"
