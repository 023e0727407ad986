"""Logging a person in."""

from __future__ import annotations

import sys
from threading import Lock
from typing import TYPE_CHECKING, Callable, Optional, TextIO

from libatmn import _native
from libatmn._waiting import leave, listens, poll, wait

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from libatmn._types import Event, Gitignore, LoginResult, OnEvent, StrPath, PendingLogin


def login(
    *,
    on_event: Optional[OnEvent],
    server: Optional[str] = None,
    directory: Optional[StrPath] = None,
    login_timeout: Optional[float] = None,
    open_browser: bool = True,
    force: bool = False,
    sandbox_only: bool = False,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
    organization: Optional[str] = None,
) -> LoginResult:
    """Log in, unless the keys that are there still work: open the browser, wait for the answer, save the keys.

    ``on_event`` hears what happens, on this thread; the first event has the address to log in at. It must be there,
    since somebody has to see that address: :func:`terminal_listener` is a ready-made one.

    ``server`` is ``"cloud"``, ``"local"`` or a base address; without it, ``ATMN_BACKEND_URL`` or the cloud.
    ``directory`` is where ``.env`` is written. ``login_timeout`` is how long the person may take, in seconds: 300 unless
    set. ``force`` logs in even if the keys in the file still work. ``sandbox_only`` saves the sandbox key alone.
    ``organization``, by id or short name, refuses the keys of any other.

    Ctrl-C, and any exception that ``on_event`` raises, end the login: its port is free before the exception comes out.

    Raises :class:`LoginError` (``login_unattended``, ``login_denied``, ``ports_in_use``, ``state_mismatch``,
    ``exchange_refused``, ``exchange_unreadable``, ``keys_refused``), :class:`LoginTimeout`, :class:`RequestError`
    (also ``organization_changed``), and what :func:`save_keys` raises.

    >>> import sys
    >>> from libatmn import login, terminal_listener
    >>> done = login(on_event=terminal_listener(sys.stdout), force=True)
    Log in at this URL: http…
    ...
    >>> print(done.organization.name, *done.keys)
    Night Library am_sk_test_… am_sk_live_…
    """
    options = _native.login_options(
        server=server,
        directory=directory,
        login_timeout=login_timeout,
        open_browser=open_browser,
        force=force,
        sandbox_only=sandbox_only,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
        organization=organization,
    )
    return wait(_native.login(options, listens(on_event)), on_event)


def start_login(
    *,
    on_event: Optional[OnEvent] = None,
    server: Optional[str] = None,
    directory: Optional[StrPath] = None,
    login_timeout: Optional[float] = None,
    open_browser: bool = True,
    force: bool = False,
    sandbox_only: bool = False,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
    organization: Optional[str] = None,
) -> LoginAttempt:
    """Take a callback port and make the address; nothing moves before :meth:`LoginAttempt.wait` or ``poll``.

    For programs that show the address themselves, such as a notebook. The arguments are those of :func:`login`;
    where the keys in the file still work and ``force`` is not set, the wait ends with them.

    Raises :class:`LoginError` (``ports_in_use``), and what :func:`save_keys` would raise, before anybody logs in.

    >>> from libatmn import start_login
    >>> with start_login(force=True) as attempt:
    ...     print("Log in at", attempt.url)
    ...     done = attempt.wait()
    Log in at http…
    >>> done.saved.created
    False
    """
    listens(on_event)
    options = _native.login_options(
        server=server,
        directory=directory,
        login_timeout=login_timeout,
        open_browser=open_browser,
        force=force,
        sandbox_only=sandbox_only,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
        organization=organization,
    )
    return LoginAttempt(_native.start_login(options), on_event)


class AttemptBase:
    """What a login under way offers to every thread."""

    def __init__(self, attempt: _native.Attempt, on_event: Optional[OnEvent]) -> None:
        """Made by ``start_login``."""
        self._attempt = attempt
        self._on_event = on_event
        self._call: Optional[_native.Call[LoginResult]] = None
        self._lock = Lock()

    @property
    def url(self) -> str:
        """The address to log in at; for the person alone."""
        return self._attempt.url

    @property
    def port(self) -> int:
        """The callback port."""
        return self._attempt.port

    @property
    def hint(self) -> Optional[str]:
        """The one piece of advice that fits these surroundings, such as the ``ssh -L`` line."""
        return self._attempt.hint

    @property
    def deadline(self) -> datetime:
        """When the wait ends."""
        return self._attempt.deadline

    def submit(self, text: str) -> None:
        """Take what a person pasted: the address that the browser ended at, its query, or the code alone.

        Raises :class:`LoginError` (``state_mismatch``) or :class:`InvalidArgument` for anything else; the wait goes on.
        """
        self._attempt.submit(text)

    def cancel(self) -> None:
        """End the login: whoever waits gets ``cancelled``, and the port is free within a moment."""
        self._attempt.cancel()

    def _begun(self) -> _native.Call[LoginResult]:
        with self._lock:
            if self._call is None:
                self._call = self._attempt.begin()
            return self._call


class LoginAttempt(AttemptBase):
    """A login under way. ``submit`` and ``cancel`` may be called by any thread.

    As a context manager, it ends the login on the way out, and the port is free then.
    """

    def wait(self) -> LoginResult:
        """Wait until the login has ended. The first call opens the browser.

        Raises what :func:`login` raises; ``cancelled`` after :meth:`cancel`; ``invalid_argument`` if it ended before.
        """
        return wait(self._begun(), self._on_event)

    def poll(self, timeout: float = 0.0) -> Optional[LoginResult]:
        """Wait for ``timeout`` seconds at most; ``None`` if the login has not ended then. Else as :meth:`wait`."""
        return poll(self._begun(), self._on_event, timeout)

    def __enter__(self) -> LoginAttempt:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.cancel()
        if self._call is not None:
            leave(self._call)


def begin_login(
    *,
    server: Optional[str] = None,
    directory: Optional[StrPath] = None,
    sandbox_only: bool = False,
    allow_tracked: bool = False,
    gitignore: Gitignore = "add",
    organization: Optional[str] = None,
) -> PendingLogin:
    """Make the address for a login that :func:`complete_login` finishes within ten minutes, in any process.

    What that needs is kept in a private file; no port is taken, and no browser opens. The arguments are those of
    :func:`login`.

    Raises :class:`FileError`, and what :func:`save_keys` would raise.

    >>> from libatmn import begin_login
    >>> print(begin_login().note)
    Log in at this URL, then paste the URL of the page that does not load. …
    """
    options = _native.login_options(
        server=server,
        directory=directory,
        login_timeout=None,
        open_browser=False,
        force=False,
        sandbox_only=sandbox_only,
        allow_tracked=allow_tracked,
        gitignore=gitignore,
        organization=organization,
    )
    return _native.begin_login(options)


def complete_login(text: str, *, on_event: Optional[OnEvent] = None, login_timeout: Optional[float] = None) -> LoginResult:
    """Finish a login that :func:`begin_login` began, with the address that the browser ended at.

    Its query will do, or, if exactly one login is waiting, the code alone. ``login_timeout`` is in seconds.

    Raises :class:`LoginError` (``no_pending_login``, ``state_mismatch``), :class:`InvalidArgument`, and what
    :func:`login` raises.
    """
    listens(on_event)
    return wait(_native.complete_login(text, login_timeout), on_event)


def terminal_listener(stream: Optional[TextIO] = None) -> Callable[[Event], None]:
    """Make a listener that writes the events for people to ``stream`` (``sys.stderr`` by default), a line each."""

    def listener(event: Event) -> None:
        out = sys.stderr if stream is None else stream
        out.write(f"{event.message}\n")
        out.flush()

    return listener
