"""Ctrl-C, a cancelled task and an exception of the listener, when the server creates keys or has created them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Optional

import libatmn
import pytest
from autumn import Autumn, ImpatientBrowser, until
from libatmn import aio
from program import interrupt, python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MINT = "/cli/api-keys"
ON_LOOP: dict[str, Callable[..., Any]] = {
    "login": lambda on_event: aio.login(on_event=on_event, open_browser=False),
    "wait": lambda on_event: aio.start_login(on_event=on_event, open_browser=False).wait(),
}


def cause(error: Optional[BaseException]) -> Optional[BaseException]:
    """Return the error of libatmn in the chain of an exception; Python 3.9 and 3.10 add a new `CancelledError`."""
    while error is not None and not isinstance(error, libatmn.AtmnError):
        error = error.__cause__ or error.__context__
    return error


INTERRUPTED = """
import signal
import libatmn

# A test run in the background ignores SIGINT, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    libatmn.login(on_event=lambda event: event.code == "login_url" and print(event.url, flush=True), open_browser=False)
except KeyboardInterrupt as error:
    print(error.__cause__.code, error.__cause__.context["keys_may_exist"])
"""


def delay_keys(autumn: Autumn) -> None:
    """Let the server create keys, and not answer."""
    autumn.control("faults", {"path": MINT, "fault": "delay", "milliseconds": 600_000})


def test_ctrl_c_tells_that_keys_may_exist(autumn: Autumn, project: Path) -> None:
    delay_keys(autumn)
    before = len(autumn.keys())
    with python(INTERRUPTED) as process:
        assert process.stdout is not None
        ImpatientBrowser(autumn.approved).visit(process.stdout.readline().strip())
        until(lambda: len(autumn.keys()) > before, "the keys were created")
        interrupt(process)
        out, err = process.communicate()
    assert (out, err) == ("cancelled true\n", "")
    assert not (project / ".env").exists()


@pytest.mark.parametrize("name", ON_LOOP)
def test_cancelled_task_tells_that_keys_may_exist(name: str, autumn: Autumn, project: Path) -> None:
    delay_keys(autumn)
    before = len(autumn.keys())

    async def main() -> None:
        task = asyncio.ensure_future(ON_LOOP[name](ImpatientBrowser(autumn.approved)))
        await asyncio.to_thread(until, lambda: len(autumn.keys()) > before, "the keys were created")
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        error = cause(caught.value)
        assert isinstance(error, libatmn.AtmnError)
        assert (error.code, error.context["keys_may_exist"]) == ("cancelled", "true")

    asyncio.run(main())
    assert not (project / ".env").exists()


def test_keys_that_exist_are_saved_although_the_call_is_interrupted(autumn: Autumn, project: Path) -> None:
    browser = ImpatientBrowser(autumn.approved)

    def listener(event: libatmn.Event) -> None:
        browser(event)
        if event.code == "keys_received":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        libatmn.login(on_event=listener, open_browser=False)
    assert caught.value.__cause__ is None
    assert (project / ".env").exists()
    (project / ".env").unlink()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(aio.login(on_event=listener, open_browser=False))
    assert (project / ".env").exists()
