"""Logging in, with the local Autumn server and a real callback port."""

from __future__ import annotations

import asyncio
import io
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import libatmn
import pytest
from autumn import PORTS, Autumn, follow, free, not_called
from libatmn import aio

if TYPE_CHECKING:
    from pathlib import Path


def test_login_saves_both_keys(autumn: Autumn, project: Path) -> None:
    browser = autumn.browser()
    done = libatmn.login(on_event=browser)
    assert browser.codes[0] == "login_url"
    assert browser.codes[-1] == "keys_saved"
    assert done.organization is not None
    assert (done.organization.slug, done.environments) == ("night-library", ("sandbox", "live"))
    assert done.saved is not None
    assert (done.saved.path, done.saved.created) == (str(project / ".env"), True)
    sandbox, live = (key.reveal() for key in done.keys)
    assert (project / ".env").read_text() == f"AUTUMN_SECRET_KEY={sandbox}\nAUTUMN_PROD_SECRET_KEY={live}\n"
    assert libatmn.whoami().organization == done.organization
    # Working keys are kept, without a login.
    again = libatmn.login(on_event=not_called)
    assert again.saved is None
    assert [key.reveal() for key in again.keys] == [sandbox, live]


def test_login_passes_every_option(autumn: Autumn, project: Path) -> None:
    folder = project / "elsewhere"
    folder.mkdir()
    browser = autumn.browser()
    done = libatmn.login(
        on_event=browser,
        server=autumn.url,
        directory=folder,
        login_timeout=60,
        open_browser=False,
        force=True,
        sandbox_only=True,
        organization="night-library",
    )
    assert done.environments == ("sandbox",)
    assert "browser_failed" not in browser.codes
    assert done.saved is not None
    assert done.saved.path == str(folder / ".env")
    with pytest.raises(libatmn.RequestError) as caught:
        libatmn.login(on_event=autumn.browser(), directory=project, organization="another-shop")
    assert caught.value.code == "organization_changed"
    assert not (project / ".env").exists()


def test_login_without_a_listener_is_refused(autumn: Autumn) -> None:
    assert autumn.url
    with pytest.raises(libatmn.LoginError) as caught:
        libatmn.login(on_event=None)
    assert caught.value.code == "login_unattended"


def test_denial_and_deadline_end_the_login(autumn: Autumn, project: Path) -> None:
    with pytest.raises(libatmn.LoginError) as denied:
        libatmn.login(on_event=autumn.browser(autumn.denied))
    assert denied.value.code == "login_denied"
    with pytest.raises(libatmn.LoginTimeout) as late:
        libatmn.login(on_event=lambda event: None, login_timeout=0.2)
    assert late.value.code == "timed_out"
    assert isinstance(late.value, TimeoutError)
    assert list(project.iterdir()) == []
    assert all(free(port) for port in PORTS)


def test_exception_of_a_listener_ends_the_login(autumn: Autumn, project: Path) -> None:
    assert autumn.url

    class Enough(Exception):
        pass

    def listener(event: libatmn.Event) -> None:
        if event.code == "login_url":
            assert not free(int(event.context["port"]))
            raise Enough

    with pytest.raises(Enough):
        libatmn.login(on_event=listener)
    assert all(free(port) for port in PORTS)
    assert list(project.iterdir()) == []


def test_cancel_from_another_thread_ends_the_login(autumn: Autumn) -> None:
    assert autumn.url
    waiting = threading.Event()
    attempt = libatmn.start_login(on_event=lambda event: waiting.set())
    assert not free(attempt.port)

    def cancel() -> None:
        waiting.wait()
        attempt.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(libatmn.AtmnError) as caught:
        attempt.wait()
    assert caught.value.code == "cancelled"
    assert free(attempt.port)
    # A later call gets the same error, without the traceback of the first.
    with pytest.raises(libatmn.AtmnError) as later:
        attempt.wait()
    assert repr(later.value) == repr(caught.value)
    assert later.value is not caught.value


def test_start_login_keeps_keys_that_work_as_login_does(autumn: Autumn) -> None:
    done = libatmn.login(on_event=autumn.browser(), open_browser=False)
    assert done.saved is not None
    again = libatmn.start_login(open_browser=False).wait()
    assert again.saved is None
    assert again.keys == done.keys


def test_cancelled_and_dropped_attempts_free_their_ports(autumn: Autumn) -> None:
    assert autumn.url
    attempt = libatmn.start_login()
    assert not free(attempt.port)
    attempt.cancel()
    assert free(attempt.port)
    with pytest.raises(libatmn.AtmnError) as caught:
        attempt.wait()
    assert caught.value.code == "cancelled"
    with pytest.raises(libatmn.AtmnError) as again:
        attempt.poll()
    assert again.value.code == "cancelled"
    dropped = libatmn.start_login()
    port = dropped.port
    del dropped
    assert free(port)


@pytest.mark.parametrize("begun", [False, True])
def test_context_manager_frees_the_port(autumn: Autumn, begun: bool) -> None:
    assert autumn.url
    with pytest.raises(ZeroDivisionError), libatmn.start_login(open_browser=False) as attempt:
        assert datetime.now(timezone.utc) < attempt.deadline < datetime.now(timezone.utc) + timedelta(seconds=301)
        assert attempt.url.startswith(autumn.url)
        assert attempt.port in PORTS
        if begun:
            assert attempt.poll() is None
            assert attempt.poll(0.1) is None
        _ = 1 // 0
    assert free(attempt.port)


def test_submit_takes_the_pasted_callback_url(autumn: Autumn, project: Path) -> None:
    attempt = libatmn.start_login(open_browser=False)
    assert attempt.poll(0.05) is None
    # The browser runs on another machine, where the callback URL does not load.
    answer = autumn.approved(attempt.url)
    for text in ("", "hunter2", "am_sk_test_0123456789abcdef", "\ud800"):
        with pytest.raises(libatmn.InvalidArgument):
            attempt.submit(text)
    with pytest.raises(libatmn.LoginError) as caught:
        attempt.submit(answer.replace("state=", "state=x"))
    assert caught.value.code == "state_mismatch"
    attempt.submit(urlsplit(answer).query)
    done = None
    while done is None:
        done = attempt.poll(1.0)
    assert done.saved is not None
    assert done.saved.path == str(project / ".env")
    with pytest.raises(libatmn.LoginError) as caught:
        attempt.submit("garbage")
    assert caught.value.code == "no_pending_login"


def test_begin_and_complete_login_need_no_port(autumn: Autumn, project: Path) -> None:
    pending = libatmn.begin_login(sandbox_only=True, scopes=["plans:list", "customers:read"])
    assert isinstance(pending, libatmn.PendingLogin)
    assert all(free(port) for port in PORTS)
    assert pending.url not in repr(pending)
    assert pending.deadline > datetime.now(timezone.utc)
    with pytest.raises(libatmn.LoginError) as caught:
        libatmn.complete_login("code=abcdefghijklmnopqrst&state=another")
    assert caught.value.code == "no_pending_login"
    events: list[libatmn.Event] = []
    done = libatmn.complete_login(autumn.approved(pending.url), on_event=events.append)
    assert [event.code for event in events] == ["keys_received", "hint", "keys_saved", "hint"]
    assert "live key" in events[-1].message
    assert done.scopes == ("customers:read", "plans:read")
    assert done.environments == ("sandbox",)
    assert (project / ".env").exists()
    kept = libatmn.begin_login(sandbox_only=True)
    assert isinstance(kept, libatmn.LoginResult)
    assert (kept.keys, kept.saved) == (done.keys, None)
    assert isinstance(libatmn.begin_login(sandbox_only=True, force=True), libatmn.PendingLogin)


def test_ports_in_use_is_an_error(autumn: Autumn) -> None:
    assert autumn.url
    attempts = [libatmn.start_login() for _ in PORTS]
    assert sorted(attempt.port for attempt in attempts) == list(PORTS)
    with pytest.raises(libatmn.LoginError) as caught:
        libatmn.start_login()
    assert caught.value.code == "ports_in_use"
    for attempt in attempts:
        attempt.cancel()


def test_terminal_listener_writes_one_line_for_each_event(autumn: Autumn, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    write, browser = libatmn.terminal_listener(out), autumn.browser()

    def listener(event: libatmn.Event) -> None:
        write(event)
        browser(event)

    libatmn.login(on_event=listener)
    lines = out.getvalue().splitlines()
    assert lines == [event.message for event in browser.events]
    assert autumn.url in lines[0]
    # The library itself prints nothing.
    assert capsys.readouterr() == ("", "")
    libatmn.terminal_listener()(browser.events[0])
    assert capsys.readouterr().err.splitlines() == lines[:1]


def test_callback_with_another_state_changes_nothing(autumn: Autumn) -> None:
    with libatmn.start_login(open_browser=False) as attempt:
        assert attempt.poll() is None
        assert follow(f"http://127.0.0.1:{attempt.port}/?code=abcdefghijklmnopqrst&state=wrong") >= 400
        assert attempt.poll() is None
        thread = threading.Thread(target=lambda: follow(autumn.approved(attempt.url)))
        thread.start()
        assert attempt.wait().saved is not None
        thread.join()


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda: libatmn.login(on_event=print, login_timeout=0), "login_timeout"),
        (lambda: libatmn.login(on_event=print, login_timeout=-1), "login_timeout"),
        (lambda: libatmn.login(on_event=print, login_timeout=float("nan")), "login_timeout"),
        (lambda: libatmn.start_login(login_timeout=float("inf")), "login_timeout"),
        (lambda: libatmn.start_login(login_timeout=10**400), "login_timeout"),
        (lambda: libatmn.start_login(server="http://example.com"), "server"),
        (lambda: libatmn.begin_login(directory="/missing"), "directory"),
        (lambda: libatmn.complete_login("hunter2"), "text"),
        (lambda: libatmn.complete_login("code=abcdefghijklmnopqrst", login_timeout=-1), "login_timeout"),
        (lambda: libatmn.whoami(timeout=-1), "timeout"),
    ],
)
def test_invalid_values_are_errors_that_name_their_option(call: object, option: str) -> None:
    assert callable(call)
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call()
    assert caught.value.context["option"] == option


async def coroutine_listener(event: libatmn.Event) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: libatmn.login(), "on_event"),  # type: ignore[call-arg]
        (lambda: libatmn.login(on_event=print, login_timeout="5"), "login_timeout"),  # type: ignore[arg-type]
        (lambda: libatmn.login(on_event="print"), "on_event"),  # type: ignore[arg-type]
        (lambda: libatmn.login(on_event=coroutine_listener), "on_event"),
        (lambda: libatmn.start_login(on_event=7), "on_event"),  # type: ignore[arg-type]
        (lambda: libatmn.start_login(on_event=coroutine_listener), "on_event"),
        (lambda: libatmn.complete_login("code=abcdefghijklmnopqrst", on_event=7), "on_event"),  # type: ignore[arg-type]
        (lambda: libatmn.login(on_event=print, force=1), "force"),  # type: ignore[arg-type]
        (lambda: libatmn.start_login(organization=7), "organization"),  # type: ignore[arg-type]
        (lambda: libatmn.start_login(force=1), "force"),  # type: ignore[arg-type]
        (lambda: libatmn.begin_login(force=1), "force"),  # type: ignore[arg-type]
        (lambda: libatmn.begin_login(login_timeout=5), "login_timeout"),  # type: ignore[call-arg]
        (lambda: libatmn.complete_login(None), "text"),  # type: ignore[arg-type]
        (lambda: libatmn.whoami(server=b"cloud"), "server"),  # type: ignore[arg-type]
        (lambda: libatmn.whoami(other=1), "other"),  # type: ignore[call-arg]
    ],
)
def test_wrong_types_are_type_errors_that_name_the_argument(call: object, argument: str) -> None:
    assert callable(call)
    with pytest.raises(TypeError, match=argument):
        call()
    assert all(free(port) for port in PORTS)


def test_listener_that_returns_an_awaitable_cancels_the_login(autumn: Autumn) -> None:
    assert autumn.url
    with pytest.raises(TypeError, match=r"libatmn\.aio"):
        libatmn.login(on_event=lambda event: coroutine_listener(event), open_browser=False)
    assert all(free(port) for port in PORTS)


def test_terminal_listener_escapes_what_the_stream_cannot_encode() -> None:
    event = libatmn.Event("retrying", message="The key am_sk_test_…dbox is retried.")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    libatmn.terminal_listener(stream)(event)
    assert raw.getvalue() == b"The key am_sk_test_\\u2026dbox is retried.\n"


def test_terminal_listener_without_stderr_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    libatmn.terminal_listener()(libatmn.Event("retrying", message="Again."))


@pytest.mark.parametrize("timeout", [float("nan"), -1, -0.5, float("-inf")])
def test_poll_refuses_times_that_cannot_be_waited_for(autumn: Autumn, timeout: float) -> None:
    """The login goes on after a refusal. A time that is longer than any wait is no error."""
    assert autumn.url
    with libatmn.start_login(open_browser=False, force=True) as attempt:
        with pytest.raises(libatmn.InvalidArgument) as refused:
            attempt.poll(timeout)
        assert refused.value.context["option"] == "timeout"
        with pytest.raises(TypeError, match="timeout"):
            attempt.poll("1")  # type: ignore[arg-type]
        assert attempt.poll() is None
        threading.Timer(0.0, attempt.cancel).start()
        with pytest.raises(libatmn.AtmnError) as caught:
            attempt.poll(10**400)
        assert caught.value.code == "cancelled"


def test_threads_that_share_an_attempt_get_the_same_result(autumn: Autumn) -> None:
    attempt = libatmn.start_login(open_browser=False)
    begun = threading.Barrier(3)
    results: list[object] = []

    def wait() -> None:
        begun.wait()
        results.append(attempt.wait())

    def poll() -> None:
        begun.wait()
        while (done := attempt.poll(0.01)) is None:
            pass
        results.append(done)

    threads = [threading.Thread(target=work) for work in (wait, poll)]
    for thread in threads:
        thread.start()
    begun.wait()
    attempt.submit(autumn.approved(attempt.url))
    for thread in threads:
        thread.join()
    assert results == [attempt.wait()] * 2
    assert attempt.poll() == results[0]


def test_listener_that_waits_for_its_own_login_is_refused(autumn: Autumn) -> None:
    assert autumn.url

    def listen(event: libatmn.Event) -> None:
        attempt.wait()

    attempt = libatmn.start_login(on_event=listen, open_browser=False)
    with pytest.raises(libatmn.InvalidArgument, match="must not wait") as caught:
        attempt.wait()
    assert caught.value.context["option"] == "on_event"
    assert free(attempt.port)


def test_listener_that_calls_its_own_client_is_refused(autumn: Autumn, project: Path) -> None:
    (project / ".env").write_text("AUTUMN_SECRET_KEY=am_sk_test_unknown0123456789\n")
    (project / ".env").chmod(0o600)

    def listen(event: libatmn.Event) -> None:
        client.request("GET", "/v1/customers")

    client = libatmn.Client(server=autumn.url, reauth="always", on_event=listen, open_browser=False)
    with pytest.raises(libatmn.InvalidArgument, match="must not wait"):
        client.request("GET", "/v1/customers")

    async def on_loop() -> None:
        async def listen(event: libatmn.Event) -> None:
            await client.request("GET", "/v1/customers")

        client = aio.Client(server=autumn.url, reauth="always", on_event=listen, open_browser=False)
        await client.request("GET", "/v1/customers")

    with pytest.raises(libatmn.InvalidArgument, match="must not wait"):
        asyncio.run(on_loop())


def test_terminal_listener_refuses_what_cannot_be_written_to() -> None:
    with pytest.raises(TypeError, match="stream must be a text stream, not int"):
        libatmn.terminal_listener(3)  # type: ignore[arg-type]
