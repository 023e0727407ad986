"""The same for asyncio: on the loop's thread, cancelled with the task."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Optional

import libatmn
import pytest
from autumn import PORTS, Autumn, free
from libatmn import aio

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

MINT = "/cli/api-keys"


class Ear:
    """A listener that logs in, and notes on which thread it hears."""

    def __init__(self, autumn: Autumn) -> None:
        """Hear nothing yet."""
        self.browser = autumn.browser()
        self.threads: set[int] = set()

    def __call__(self, event: libatmn.Event) -> None:
        """Hear an event."""
        self.threads.add(threading.get_ident())
        self.browser(event)


def test_login_hears_everything_on_the_loops_thread_before_the_result(autumn: Autumn, project: Path) -> None:
    ear = Ear(autumn)

    async def main() -> libatmn.LoginResult:
        done = await aio.login(on_event=ear, open_browser=False)
        assert ear.browser.codes[-1] == "keys_saved"
        identity = await aio.whoami()
        assert identity.organization == done.organization
        return done

    done = asyncio.run(main())
    assert done.saved is not None
    assert done.saved.path == str(project / ".env")
    assert ear.threads == {threading.get_ident()}


def test_the_loop_goes_on_meanwhile(autumn: Autumn) -> None:
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
    """Begin, cancel the task, and see that the port is free when that comes out."""
    task = asyncio.ensure_future(work)
    await ready.wait()
    assert not all(free(port) for port in PORTS)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(free(port) for port in PORTS)


def test_a_cancelled_task_frees_the_port(autumn: Autumn, project: Path) -> None:
    assert autumn.url

    async def main() -> None:
        ready, again = asyncio.Event(), asyncio.Event()
        await cancelled(aio.login(on_event=lambda event: ready.set(), open_browser=False), ready)
        attempt = aio.start_login(on_event=lambda event: again.set(), open_browser=False)
        await cancelled(attempt.wait(), again)

    asyncio.run(main())
    assert list(project.iterdir()) == []


def test_time_limits_of_tasks_work(autumn: Autumn) -> None:
    autumn.control("faults", {"path": "/v1/organization/me", "fault": "delay", "milliseconds": 20_000})

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.whoami(key="am_sk_test_0123456789ab"), 0.1)

    asyncio.run(main())


def test_what_a_listener_raises_comes_out(autumn: Autumn) -> None:
    assert autumn.url

    def listener(event: libatmn.Event) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await aio.login(on_event=listener, open_browser=False)
        assert all(free(port) for port in PORTS)

    asyncio.run(main())


def test_the_way_out_of_a_with_frees_the_port(autumn: Autumn) -> None:
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


def test_a_loop_that_ends_leaves_nothing_behind(autumn: Autumn) -> None:
    """`asyncio.run` cancels what is still there."""
    assert autumn.url

    async def main() -> None:
        task = asyncio.ensure_future(aio.login(on_event=lambda event: None, open_browser=False))
        await asyncio.sleep(0.1)
        assert not task.done()

    asyncio.run(main())
    assert all(free(port) for port in PORTS)


def test_a_hundred_tasks_have_one_login(autumn: Autumn) -> None:
    ear = Ear(autumn)

    async def main() -> None:
        done = await aio.login(on_event=autumn.browser(), open_browser=False)
        autumn.control("revoke", {"key": done.keys[0].reveal()})
        before = len(autumn.log(MINT))
        client = aio.Client(reauth="always", open_browser=False, on_event=ear)
        answers = await asyncio.gather(*(client.request("GET", "/v1/customers") for _ in range(100)))
        assert [answer.status for answer in answers] == [200] * 100
        assert len(autumn.log(MINT)) == before + 1
        renewed = await client.reauthenticate(done.keys[0])
        assert renewed.key.reveal() == libatmn.resolve_key().key.reveal()

    asyncio.run(main())
    assert ear.threads == {threading.get_ident()}


def test_two_steps(autumn: Autumn) -> None:
    pending = libatmn.begin_login()
    answer = autumn.approved(pending.url)
    done = asyncio.run(aio.complete_login(answer, on_event=lambda event: None))
    assert done.saved is not None


REQUEST = {"method": "GET", "path": "/v1/customers", "headers": {"Authorization": "Bearer am_sk_test_0123456789ab"}}


def test_verify_may_wait_or_not() -> None:
    async def waits(credential: libatmn.Credential) -> str:
        await asyncio.sleep(0)
        return credential.kind

    async def nobody(credential: libatmn.Credential) -> Optional[str]:
        await asyncio.sleep(0)
        return None

    async def checks(credential: libatmn.Credential) -> bool:
        return await nobody(credential) is not None

    async def fails(credential: libatmn.Credential) -> str:
        raise OSError(credential.kind)

    async def main() -> None:
        assert await aio.authenticate(REQUEST, waits) == "secret"
        assert await aio.authenticate(REQUEST, lambda credential: credential.environment) == "sandbox"
        events: list[libatmn.Event] = []
        refused, unsure = "invalid_secret_key", "failed_to_verify_secret_key"
        for verify, code in ((nobody, refused), (checks, refused), (lambda _: False, refused), (fails, unsure)):
            with pytest.raises(libatmn.AuthenticationError) as caught:
                await aio.authenticate(REQUEST, verify, on_event=events.append)
            assert caught.value.code == code
            assert isinstance(caught.value.__cause__, OSError) == (verify is fails)
        assert [event.context["code"] for event in events] == [refused, refused, refused, unsure]
        task = asyncio.ensure_future(aio.authenticate(REQUEST, lambda credential: asyncio.sleep(10, credential.kind)))
        await asyncio.sleep(0)
        task.cancel()
        # To be cancelled is not to be unable to tell.
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
