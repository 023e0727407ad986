"""The operations for asyncio: listeners on the loop's thread, calls cancelled with their task."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, Optional

import libatmn
import pytest
from autumn import ORGANIZATION, PORTS, Autumn, free, until
from conftest import SANDBOX
from libatmn import aio

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

MINT = "/cli/api-keys"


class ThreadRecorder:
    """A listener that logs in, and records the threads that call it."""

    def __init__(self, autumn: Autumn) -> None:
        """Create the listener."""
        self.browser = autumn.browser()
        self.threads: set[int] = set()

    def __call__(self, event: libatmn.Event) -> None:
        """Record the thread, and pass the event on."""
        self.threads.add(threading.get_ident())
        self.browser(event)


def test_login_delivers_all_events_on_the_loops_thread_before_the_result(autumn: Autumn, project: Path) -> None:
    recorder = ThreadRecorder(autumn)

    async def main() -> libatmn.LoginResult:
        done = await aio.login(on_event=recorder, open_browser=False)
        assert recorder.browser.codes[-1] == "keys_saved"
        identity = await aio.whoami()
        assert identity.organization == done.organization
        return done

    done = asyncio.run(main())
    assert done.saved is not None
    assert done.saved.path == str(project / ".env")
    assert recorder.threads == {threading.get_ident()}


def test_other_tasks_run_while_a_login_waits(autumn: Autumn) -> None:
    async def main() -> None:
        async with aio.start_login(open_browser=False) as attempt:
            waiting = asyncio.ensure_future(attempt.wait())
            for _ in range(20):
                await asyncio.sleep(0.005)
            assert not waiting.done()
            attempt.submit(autumn.approved(attempt.url))
            assert (await waiting).saved is not None

    asyncio.run(main())


async def cancelled(work: Awaitable[Any], ready: asyncio.Event) -> None:
    """Cancel a task while it waits, and check that the port is free when the exception propagates."""
    task = asyncio.ensure_future(work)
    await ready.wait()
    assert not all(free(port) for port in PORTS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(free(port) for port in PORTS)


def test_cancelled_task_frees_the_port(autumn: Autumn, project: Path) -> None:
    assert autumn.url

    async def main() -> None:
        ready, again = asyncio.Event(), asyncio.Event()
        await cancelled(aio.login(on_event=lambda event: ready.set(), open_browser=False), ready)
        attempt = aio.start_login(on_event=lambda event: again.set(), open_browser=False)
        await cancelled(attempt.wait(), again)

    asyncio.run(main())
    assert list(project.iterdir()) == []


def test_login_that_is_cancelled_twice_frees_the_port_first(autumn: Autumn) -> None:
    assert autumn.url

    async def main() -> None:
        for _ in range(5):
            ready = asyncio.Event()
            work = aio.login(on_event=lambda event, ready=ready: ready.set(), open_browser=False)  # type: ignore[misc]
            task = asyncio.ensure_future(work)
            await ready.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert all(free(port) for port in PORTS)

    asyncio.run(main())


def test_closed_coroutine_frees_the_port(autumn: Autumn) -> None:
    assert autumn.url

    async def main() -> int:
        attempt = aio.start_login(open_browser=False)
        waiting = attempt.wait()
        assert asyncio.isfuture(waiting.send(None))
        assert not free(attempt.port)
        waiting.close()
        return attempt.port

    port = asyncio.run(main())
    until(lambda: free(port), "the port is free")


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts its timers."""

    timers = 0

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """Count a timer."""
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)


class LoopWithoutReaders(CountingLoop):
    """An event loop that watches no descriptors of its tasks, as that of Windows."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
        """Refuse, as `asyncio.ProactorEventLoop`."""
        raise NotImplementedError


@pytest.mark.parametrize("kind", [CountingLoop, LoopWithoutReaders])
def test_calls_wake_the_loop_and_do_not_poll(kind: type[CountingLoop], autumn: Autumn) -> None:
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 300})
    browser = autumn.browser()

    async def main() -> None:
        await aio.login(on_event=browser, open_browser=False)
        assert (await aio.whoami()).organization.slug == ORGANIZATION
        task = asyncio.ensure_future(aio.login(on_event=lambda event: None, open_browser=False, force=True))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    loop = kind()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    assert browser.codes[-1] == "keys_saved"
    assert loop.timers == 0


def test_two_tasks_may_wait_for_one_attempt(autumn: Autumn) -> None:
    async def main() -> None:
        async with aio.start_login(open_browser=False) as attempt:
            waiting = [asyncio.ensure_future(attempt.wait()) for _ in range(2)]
            await asyncio.sleep(0)
            attempt.submit(autumn.approved(attempt.url))
            results = await asyncio.gather(*waiting, return_exceptions=True)
            again = await attempt.wait()
        assert all(isinstance(result, libatmn.LoginResult) for result in results)
        assert results[0] == results[1] == again

    asyncio.run(main())


@pytest.mark.usefixtures("autumn")
def test_disk_operations_do_not_block_the_loop(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = project / "programs"
    programs.mkdir()
    slow = programs / "git"
    # Answers once the loop has run another task.
    slow.write_text(f"#!/bin/sh\n: >{project}/asked\nuntil [ -e {project}/go ]; do sleep 0.01; done\nexit 1\n")
    slow.chmod(0o755)
    (project / ".git").mkdir()
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (project / ".env").write_text("")
    order: list[str] = []

    async def answer() -> None:
        while not (project / "asked").exists():  # noqa: ASYNC110 - another program makes the file
            await asyncio.sleep(0)
        order.append("git was asked")
        (project / "go").touch()

    async def main() -> None:
        saving = asyncio.ensure_future(aio.save_keys([SANDBOX], allow_tracked=True))
        await answer()
        saved = await saving
        order.append("saved")
        assert saved.path == str(project / ".env")
        found = await aio.resolve_key(directory=project)
        assert found.key.reveal() == SANDBOX
        assert [location.outcome for location in await aio.explain_key(boundary=".")][-1] == "used"
        again = await aio.find_key(directory=project)
        assert again == found
        assert await aio.find_key(environment="live", boundary=".") is None
        pending = await aio.begin_login(allow_tracked=True, force=True)
        assert isinstance(pending, libatmn.PendingLogin)
        assert pending.url.startswith("http")
        removed = (await aio.logout()).removed
        assert [location.variable for location in removed] == ["AUTUMN_SECRET_KEY"]
        with pytest.raises(libatmn.ApiKeyError):
            await aio.resolve_key(boundary=".")

    asyncio.run(main())
    assert order == ["git was asked", "saved"]


def test_wait_for_ends_a_call(autumn: Autumn) -> None:
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 20_000})

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.whoami(key="am_sk_test_0123456789ab"), 0.1)

    asyncio.run(main())


def test_exception_of_a_listener_propagates(autumn: Autumn) -> None:
    assert autumn.url

    def listener(event: libatmn.Event) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await aio.login(on_event=listener, open_browser=False)
        assert all(free(port) for port in PORTS)

    asyncio.run(main())


def test_context_manager_frees_the_port(autumn: Autumn) -> None:
    assert autumn.url

    async def main() -> None:
        async with aio.start_login(open_browser=False) as attempt:
            waiting = asyncio.ensure_future(attempt.wait())
            await asyncio.sleep(0.02)
        assert free(attempt.port)
        with pytest.raises(libatmn.AtmnError) as caught:
            await waiting
        assert caught.value.code == "cancelled"

    asyncio.run(main())


def test_ending_loop_frees_the_port(autumn: Autumn) -> None:
    """`asyncio.run` cancels the remaining tasks."""
    assert autumn.url

    async def main() -> None:
        task = asyncio.ensure_future(aio.login(on_event=lambda event: None, open_browser=False))
        await asyncio.sleep(0.1)
        assert not task.done()

    asyncio.run(main())
    assert all(free(port) for port in PORTS)


def test_hundred_tasks_share_one_login(autumn: Autumn) -> None:
    recorder = ThreadRecorder(autumn)

    async def main() -> None:
        done = await aio.login(on_event=autumn.browser(), open_browser=False)
        autumn.control("revoke", {"key": done.keys[0].reveal()})
        before = len(autumn.log(MINT))
        client = aio.Client(reauth="always", open_browser=False, on_event=recorder)
        answers = await asyncio.gather(*(client.request("GET", "/v1/customers") for _ in range(100)))
        assert [answer.status for answer in answers] == [200] * 100
        assert len(autumn.log(MINT)) == before + 1
        renewed = await client.reauthenticate(done.keys[0])
        assert renewed.key.reveal() == libatmn.resolve_key().key.reveal()

    asyncio.run(main())
    assert recorder.threads == {threading.get_ident()}


def test_complete_login_finishes_a_pending_login(autumn: Autumn) -> None:
    pending = asyncio.run(aio.begin_login())
    assert isinstance(pending, libatmn.PendingLogin)
    answer = autumn.approved(pending.url)
    done = asyncio.run(aio.complete_login(answer, on_event=lambda event: None))
    assert done.saved is not None


REQUEST = {"method": "GET", "path": "/v1/customers", "headers": {"Authorization": "Bearer am_sk_test_0123456789ab"}}


def test_authenticate_takes_plain_and_coroutine_functions() -> None:
    async def kind(credential: libatmn.Credential) -> str:
        await asyncio.sleep(0)
        return credential.kind

    async def unknown(credential: libatmn.Credential) -> Optional[str]:
        await asyncio.sleep(0)
        return None

    async def checks(credential: libatmn.Credential) -> bool:
        return await unknown(credential) is not None

    async def fails(credential: libatmn.Credential) -> str:
        raise OSError(credential.kind)

    async def main() -> None:
        assert await aio.authenticate(REQUEST, kind) == "secret"
        assert await aio.authenticate(REQUEST, lambda credential: credential.environment) == "sandbox"
        events: list[libatmn.Event] = []
        refused, unsure = "invalid_secret_key", "failed_to_verify_secret_key"
        for verify, code in ((unknown, refused), (checks, refused), (lambda _: False, refused), (fails, unsure)):
            with pytest.raises(libatmn.AuthenticationError) as caught:
                await aio.authenticate(REQUEST, verify, on_event=events.append)
            assert caught.value.code == code
            assert isinstance(caught.value.__cause__, OSError) == (verify is fails)
        assert [event.context["code"] for event in events] == [refused, refused, refused, unsure]
        task = asyncio.ensure_future(aio.authenticate(REQUEST, lambda credential: asyncio.sleep(10, credential.kind)))
        await asyncio.sleep(0)
        task.cancel()
        # A cancelled task is not a refusal.
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_closed_client_refuses_calls(autumn: Autumn) -> None:
    libatmn.login(on_event=autumn.browser(), open_browser=False)

    async def main() -> None:
        async with aio.Client() as client:
            assert (await client.request("GET", "/v1/customers", timeout=30)).status == 200
        for call in (lambda: client.request("GET", "/v1/customers"), client.__aenter__):
            with pytest.raises(ValueError, match=r"^The client is closed\."):
                await call()

    asyncio.run(main())
