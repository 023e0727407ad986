"""Coroutine functions as listeners: awaited in order, and ended with their call."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Optional

import libatmn
import pytest
from autumn import HANG, PORTS, Autumn, free
from libatmn import aio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator


def test_coroutine_listeners_are_awaited_in_order(autumn: Autumn) -> None:
    browser, codes = autumn.browser(), list[str]()

    async def listener(event: libatmn.Event) -> None:
        browser(event)
        await asyncio.sleep(0)
        codes.append(event.code)

    done = asyncio.run(aio.login(on_event=listener, open_browser=False))
    assert done.saved is not None
    assert codes == browser.codes
    assert codes[-1] == "keys_saved"


class EndlessListener:
    """A coroutine function that does not return until it is cancelled."""

    def __init__(self, browser: Optional[Callable[[libatmn.Event], None]] = None, at: Optional[str] = None) -> None:
        """Create a listener that does not return from one event, or from the first one."""
        self.cancelled = list[str]()
        self.browser = browser
        self.at = at

    async def __call__(self, event: libatmn.Event) -> None:
        """Sleep, and record the event if that is cancelled."""
        if self.browser is not None:
            self.browser(event)
        if self.at not in (None, event.code):
            return
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(event.code)
            raise


def test_login_timeout_ends_a_listener_that_sleeps(autumn: Autumn) -> None:
    assert autumn.url

    async def attempt(listener: EndlessListener) -> None:
        await aio.start_login(on_event=listener, open_browser=False, login_timeout=0.05).wait()

    async def login(listener: EndlessListener) -> None:
        await aio.login(on_event=listener, open_browser=False, login_timeout=0.05)

    for call in (login, attempt):
        listener = EndlessListener()
        with pytest.raises(libatmn.LoginTimeout):
            asyncio.run(call(listener))
        assert len(listener.cancelled) == 1
        assert all(free(port) for port in PORTS)


def test_cancelled_task_ends_a_listener_that_sleeps(autumn: Autumn) -> None:
    assert autumn.url
    listener = EndlessListener()

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.login(on_event=listener, open_browser=False), 0.2)
        assert all(free(port) for port in PORTS)

    asyncio.run(main())
    assert len(listener.cancelled) <= 1


def test_exception_of_a_coroutine_listener_propagates(autumn: Autumn) -> None:
    assert autumn.url

    async def listener(event: libatmn.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(aio.login(on_event=listener, open_browser=False))
    assert all(free(port) for port in PORTS)


class ImpatientLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the end of each long timer."""

    def __init__(self) -> None:
        """Create the loop."""
        super().__init__()
        self.jumps = list[float]()

    def time(self) -> float:
        """Return the time of the clock."""
        return super().time() + sum(self.jumps)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """Jump to the end of a timer."""
        if when - self.time() > 60.0:
            self.jumps.append(when - self.time())
        return super().call_at(when, callback, *args, context=context)


@pytest.fixture
def loop() -> Generator[ImpatientLoop]:
    """A loop on which minutes pass at once."""
    loop = ImpatientLoop()
    yield loop
    loop.close()


@pytest.mark.parametrize("at", ["login_url", "keys_received", "keys_saved"])
def test_login_ends_before_a_listener_that_does_not_return(at: str, autumn: Autumn, loop: ImpatientLoop) -> None:
    listener = EndlessListener(autumn.browser(), at)
    done = loop.run_until_complete(aio.login(on_event=listener, open_browser=False, login_timeout=1234, force=True))
    assert done.saved is not None
    assert listener.cancelled == [at]
    # The time limit of the login, and no other.
    assert loop.jumps == [pytest.approx(1234, abs=60)]


def test_error_of_a_login_ends_a_listener_that_does_not_return(autumn: Autumn, loop: ImpatientLoop) -> None:
    listener = EndlessListener(autumn.browser(autumn.denied), "login_url")
    with pytest.raises(libatmn.LoginError) as caught:
        loop.run_until_complete(aio.start_login(on_event=listener, open_browser=False).wait())
    assert caught.value.code == "login_denied"
    assert loop.jumps == [pytest.approx(300, abs=60)]


def test_request_ends_before_a_listener_that_does_not_return(autumn: Autumn, loop: ImpatientLoop) -> None:
    done = libatmn.login(on_event=autumn.browser(), open_browser=False)
    autumn.control("revoke", {"key": done.keys[0].reveal()})
    listener = EndlessListener(autumn.browser(), "keys_saved")
    client = aio.Client(reauth="always", on_event=listener, open_browser=False, login_timeout=1234)
    assert loop.run_until_complete(client.request("GET", "/v1/customers")).status == 200
    assert listener.cancelled == ["keys_saved"]
    assert loop.jumps == [pytest.approx(1234, abs=60)]


def test_pending_login_ends_before_a_listener_that_does_not_return(autumn: Autumn, loop: ImpatientLoop) -> None:
    pending = libatmn.begin_login()
    assert isinstance(pending, libatmn.PendingLogin)
    listener = EndlessListener(None, "keys_saved")
    callback = autumn.approved(pending.url)
    done = loop.run_until_complete(aio.complete_login(callback, on_event=listener, login_timeout=1234))
    assert done.saved is not None
    assert loop.jumps == [pytest.approx(1234, abs=60)]


def test_cancelled_attempt_ends_a_listener_that_does_not_return(autumn: Autumn, loop: ImpatientLoop) -> None:
    assert autumn.url

    async def main() -> None:
        def cancel(event: libatmn.Event) -> None:
            asyncio.get_running_loop().call_soon(attempt.cancel)

        attempt = aio.start_login(on_event=EndlessListener(cancel), open_browser=False)
        await attempt.wait()

    with pytest.raises(libatmn.AtmnError) as caught:
        loop.run_until_complete(main())
    assert caught.value.code == "cancelled"
    assert loop.jumps == []


def client_of_rejected_key(autumn: Autumn, on_event: Callable[[libatmn.Event], object]) -> aio.Client:
    done = libatmn.login(on_event=autumn.browser(), open_browser=False)
    autumn.control("revoke", {"key": done.keys[0].reveal()})
    return aio.Client(reauth="always", on_event=on_event, open_browser=False)


IN_A_TASK: list[Callable[..., Awaitable[object]]] = [
    asyncio.gather,
    asyncio.ensure_future,
    lambda work: asyncio.wait_for(work, HANG),
]


@pytest.mark.parametrize("in_a_task", IN_A_TASK)
def test_task_of_a_listener_must_not_call_its_client(in_a_task: Any, autumn: Autumn) -> None:
    async def listen(event: libatmn.Event) -> None:
        await in_a_task(client.request("GET", "/v1/customers"))

    client = client_of_rejected_key(autumn, listen)
    with pytest.raises(libatmn.InvalidArgument, match="must not wait") as caught:
        asyncio.run(client.request("GET", "/v1/customers"))
    assert caught.value.context["option"] == "on_event"


def test_task_of_a_listener_that_has_returned_may_call_its_client(autumn: Autumn) -> None:
    browser, tasks = autumn.browser(), list[asyncio.Task[libatmn.Response]]()
    clients = list[aio.Client]()

    async def request(returned: asyncio.Event) -> libatmn.Response:
        await returned.wait()
        return await clients[0].request("GET", "/v1/customers")

    async def main() -> None:
        returned = asyncio.Event()

        async def listen(event: libatmn.Event) -> None:
            browser(event)
            tasks.append(asyncio.ensure_future(request(returned)))

        clients.append(client_of_rejected_key(autumn, listen))
        assert (await clients[0].request("GET", "/v1/customers")).status == 200
        returned.set()
        assert {answer.status for answer in await asyncio.gather(*tasks)} == {200}

    asyncio.run(main())
    assert tasks


def test_listener_may_call_another_client(autumn: Autumn) -> None:
    browser = autumn.browser()
    other = aio.Client(key=autumn.unlimited_key())

    async def listen(event: libatmn.Event) -> None:
        browser(event)
        assert (await asyncio.gather(other.request("GET", "/v1/customers")))[0].status == 200

    client = client_of_rejected_key(autumn, listen)
    assert asyncio.run(client.request("GET", "/v1/customers")).status == 200


def test_system_exit_of_a_coroutine_listener_is_logged_by_no_task(
    autumn: Autumn, caplog: pytest.LogCaptureFixture
) -> None:
    assert autumn.url

    async def listener(event: libatmn.Event) -> None:
        await asyncio.sleep(0)
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        asyncio.run(aio.login(on_event=listener, open_browser=False))
    gc.collect()
    assert caplog.records == []
    assert all(free(port) for port in PORTS)
