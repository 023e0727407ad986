"""A listener may refuse new keys until it has handled `callback_received`: the last moment before they are created."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Optional

import libatmn
import pytest
from autumn import Autumn, ImpatientBrowser, free, until
from libatmn import aio
from program import python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    OnEvent = Callable[[libatmn.Event], Any]

MINT = "/cli/api-keys"
OPTIONS: Any = {"open_browser": False, "force": True}


class Refused(Exception):
    """What a listener raises."""


def step(on_event: OnEvent, **options: Any) -> object:
    attempt, done = libatmn.start_login(on_event=on_event, **OPTIONS, **options), None
    while done is None:
        done = attempt.poll(0.01)
    return done


def request(on_event: OnEvent, **options: Any) -> object:
    client = libatmn.Client(reauth="always", on_event=on_event, open_browser=False, **options)
    return client.request("GET", "/v1/customers")


async def request_on_loop(on_event: OnEvent, **options: Any) -> object:
    client = aio.Client(reauth="always", on_event=on_event, open_browser=False, **options)
    return await client.request("GET", "/v1/customers")


def reading(on_event: OnEvent, **options: Any) -> object:
    with open(os.devnull) as nothing:
        return libatmn.login(on_event=on_event, input=nothing, **OPTIONS, **options)


BLOCKING: dict[str, Callable[..., object]] = {
    "login": lambda on_event, **options: libatmn.login(on_event=on_event, **OPTIONS, **options),
    "login with input": reading,
    "wait": lambda on_event, **options: libatmn.start_login(on_event=on_event, **OPTIONS, **options).wait(),
    "poll": step,
    "request": request,
}
ON_LOOP: dict[str, Callable[..., Any]] = {
    "login": lambda on_event, **options: aio.login(on_event=on_event, **OPTIONS, **options),
    "wait": lambda on_event, **options: aio.start_login(on_event=on_event, **OPTIONS, **options).wait(),
    "request": request_on_loop,
}


class Files:
    """The keys that are there before a login, of which one is rejected."""

    def __init__(self, autumn: Autumn, project: Path) -> None:
        """Log in."""
        done = libatmn.login(on_event=ImpatientBrowser(autumn.approved), open_browser=False)
        autumn.control("revoke", {"key": done.keys[0].reveal()})
        self.autumn, self.file = autumn, project / ".env"
        self.before = self.state()

    def state(self) -> tuple[str, int]:
        """Return the file, and how many keys there are."""
        return self.file.read_text(), len(self.autumn.keys())

    def are_as_before(self) -> bool:
        """Whether no keys were created and saved."""
        return self.state() == self.before


@pytest.fixture
def files(autumn: Autumn, project: Path) -> Files:
    """The keys before a login."""
    return Files(autumn, project)


# What the worker would need to create keys, if it did not wait.
PAUSE = 0.2


@pytest.mark.parametrize("name", BLOCKING)
def test_refusal_creates_no_keys(name: str, autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)

    def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "callback_received":
            time.sleep(PAUSE)
            raise Refused

    with pytest.raises(Refused):
        BLOCKING[name](listener)
    assert browser.codes[-1] == "callback_received"
    assert files.are_as_before()


@pytest.mark.parametrize("name", ON_LOOP)
@pytest.mark.parametrize("waits", [False, True])
def test_refusal_on_a_loop_creates_no_keys(name: str, waits: bool, autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)

    def refuse(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "callback_received":
            raise Refused

    async def listener(event: libatmn.Event) -> None:
        if event.code == "callback_received":
            await asyncio.sleep(PAUSE)
        refuse(event)

    with pytest.raises(Refused):
        asyncio.run(ON_LOOP[name](listener if waits else refuse))
    assert browser.codes[-1] == "callback_received"
    assert files.are_as_before()


@pytest.mark.parametrize("name", BLOCKING)
def test_login_times_out_while_its_listener_decides(name: str, autumn: Autumn, files: Files) -> None:
    browser, ends = ImpatientBrowser(autumn.approved), list[datetime]()

    def listener(event: libatmn.Event) -> None:
        browser(event)
        if isinstance(event, libatmn.LoginUrlEvent):
            assert event.deadline is not None
            ends.append(event.deadline)
        if event.code == "callback_received":
            until(lambda: datetime.now(timezone.utc) > ends[0], "the time is up")
            time.sleep(PAUSE)

    with pytest.raises(libatmn.LoginTimeout) as caught:
        BLOCKING[name](listener, login_timeout=2)
    assert caught.value.hint is not None
    assert files.are_as_before()


@pytest.mark.parametrize("name", ON_LOOP)
def test_login_on_a_loop_times_out_while_its_listener_decides(name: str, autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)

    async def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "callback_received":
            await asyncio.Event().wait()

    with pytest.raises(libatmn.LoginTimeout):
        asyncio.run(ON_LOOP[name](listener, login_timeout=2))
    assert files.are_as_before()


@pytest.mark.parametrize("name", ON_LOOP)
def test_listener_may_show_a_window_until_the_login_ends(name: str, autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)

    async def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "login_url":
            # The browser shows the last page when the keys are saved.
            await asyncio.get_running_loop().run_in_executor(None, browser.threads[-1].join)

    asyncio.run(ON_LOOP[name](listener))
    assert browser.codes[-1] in ("keys_saved", "request_repeated")
    assert not files.are_as_before()


def test_events_of_a_listener_that_is_busy_hold_nothing_back(autumn: Autumn, files: Files) -> None:
    """Also if `callback_received` was fetched together with the event that the listener handles."""

    async def main() -> None:
        async def listener(event: libatmn.Event) -> None:
            if event.code == "login_url":
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, until, lambda: not files.are_as_before(), "the keys are saved")

        attempt = aio.start_login(on_event=listener, **OPTIONS)
        waiting = asyncio.ensure_future(attempt.wait())
        await asyncio.sleep(0)
        # Submitted before the loop looks for the first event.
        attempt.submit(autumn.approved(attempt.url))
        time.sleep(PAUSE)  # noqa: ASYNC251 - the loop must not run
        assert (await waiting).saved is not None

    asyncio.run(main())
    assert not files.are_as_before()


def test_cancelled_attempt_does_not_wait_for_its_listener(autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)

    def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "callback_received":
            attempt.cancel()
            until(lambda: free(attempt.port), "the login has ended")

    attempt = libatmn.start_login(on_event=listener, **OPTIONS)
    with pytest.raises(libatmn.AtmnError) as caught:
        attempt.wait()
    assert caught.value.code == "cancelled"
    assert files.are_as_before()


def test_attempt_that_no_thread_waits_for_is_released(autumn: Autumn, files: Files) -> None:
    browser = ImpatientBrowser(autumn.approved)
    attempt: Optional[libatmn.LoginAttempt] = libatmn.start_login(on_event=browser, **OPTIONS)
    assert attempt is not None
    port = attempt.port
    while not browser.codes:
        attempt.poll()
    time.sleep(PAUSE)
    # The callback has arrived, and no call takes its event.
    del attempt
    until(lambda: free(port), "the login has ended")
    assert files.are_as_before()


@pytest.mark.usefixtures("files")
def test_attempt_without_a_listener_waits_for_nothing(autumn: Autumn) -> None:
    attempt = libatmn.start_login(**OPTIONS)
    assert attempt.poll() is None
    before = len(autumn.log(MINT))
    attempt.submit(autumn.approved(attempt.url))
    until(lambda: len(autumn.log(MINT)) > before, "the keys were created")
    assert attempt.wait().saved is not None


def test_threads_of_an_attempt_share_the_wait(autumn: Autumn, files: Files) -> None:
    """One thread shows the URL until the login ends, and another one handles the rest."""
    browser = ImpatientBrowser(autumn.approved)

    def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "login_url":
            browser.threads[-1].join()

    attempt = libatmn.start_login(on_event=listener, **OPTIONS)
    threads = [threading.Thread(target=attempt.wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert attempt.wait().saved is not None
    assert not files.are_as_before()


FORK = """
import os
import libatmn

def listener(event):
    if event.code == "login_url":
        print(event.url, flush=True)
    if event.code == "callback_received":
        child = os.fork()
        if child == 0:
            attempt.cancel()
            try:
                attempt.wait()
            except libatmn.InvalidArgument:
                os._exit(7)
            os._exit(1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

attempt = libatmn.start_login(on_event=listener, open_browser=False, force=True)
print(attempt.wait().saved is not None)
"""


def test_child_of_a_fork_does_not_wait(autumn: Autumn) -> None:
    with python(FORK) as process:
        assert process.stdout is not None
        ImpatientBrowser(autumn.approved).visit(process.stdout.readline().strip())
        out, err = process.communicate()
    assert (out, err) == ("7\nTrue\n", "")
