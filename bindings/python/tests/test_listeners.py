"""Coroutine functions as listeners: awaited in order, and ended with their call."""

from __future__ import annotations

import asyncio

import libatmn
import pytest
from autumn import PORTS, Autumn, free
from libatmn import aio


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

    def __init__(self) -> None:
        """Create the listener."""
        self.cancelled = list[str]()

    async def __call__(self, event: libatmn.Event) -> None:
        """Sleep, and record the event if that is cancelled."""
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
