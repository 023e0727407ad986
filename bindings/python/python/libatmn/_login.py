"""Logging a user in."""

from __future__ import annotations

import sys
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Callable, Optional, TextIO, Union, cast

from libatmn import _native
from libatmn._arguments import check_names, native
from libatmn._errors import AtmnError, again
from libatmn._host import conceal, conceal_all, host
from libatmn._input import check_input, wait_with_input
from libatmn._listener import Guard, has_blocking_listener, has_listener
from libatmn._native import Event, LoginResult, PendingLogin
from libatmn._types import BeginLoginOptions, LoginOptions, OnEvent, Unpack
from libatmn._wait import leave, poll, seconds, wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libatmn._native import Attempt, Call

__all__ = ["LoginAttempt", "begin_login", "complete_login", "login", "start_login", "terminal_listener"]


def login(
    *,
    on_event: Optional[OnEvent],
    input: Optional[TextIO] = None,  # noqa: A002 - as in ``subprocess``
    **options: Unpack[LoginOptions],
) -> LoginResult:
    """Log in, unless the keys that are already there still work: open the browser, wait for the user, save the keys.

    ``on_event`` receives the events, on this thread. The first one has the login URL, which the user has to see, so a
    listener is required; :func:`terminal_listener` makes one. The login waits until the listener has handled
    ``callback_received``: if it raises there, or has not returned when ``login_timeout`` is over, no keys are created.

    - ``server``: ``"cloud"``, ``"local"`` or a base URL; by default ``ATMN_BACKEND_URL``, or else the cloud.
    - ``directory``: where ``.env`` is written, the working directory by default.
    - ``file``: ``".env"`` or ``".env.local"``; by default as for :func:`save_keys`.
    - ``login_timeout``: seconds that the user may take, 300 by default.
    - ``open_browser``: whether to open the browser, ``True`` by default.
    - ``force``: replace both keys, even one that still works. Without it, each key that still works is kept. If the
      other one is missing or rejected, only that one is saved, and only for the organization of the kept key.
    - ``sandbox_only``: save the sandbox key alone.
    - ``allow_tracked`` and ``gitignore``: as for :func:`save_keys`.
    - ``organization``: the id or slug of the only organization whose keys are saved or kept, byte for byte.
    - ``scopes``: what the new keys may do: any of the scopes that :func:`server_info` lists, by default all of them.
    - ``input``: where the user can paste the callback URL if the browser cannot come back to this machine:
      ``sys.stdin``. While the login waits, its lines are submitted, and a terminal does not show them; the event
      ``hint`` answers a line that is not the callback URL. Without it, no event asks the user to paste.

    If another login for the same file is in progress, this one waits for it, which the event ``login_waiting`` reports,
    and then keeps its keys. Ctrl-C, and any exception that ``on_event`` raises, end the login and free its port before
    they propagate. If Autumn has created the keys by then, they are saved first. If it may have, without an answer, the
    ``__cause__`` of the exception is an :class:`AtmnError` with ``keys_may_exist`` in its ``context``.

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
    __tracebackhide__ = True
    conceal_all(options)
    # Without a listener, the user sees no URL and pastes nothing: that is the error of the native half.
    if not has_blocking_listener(on_event) or input is None:
        return wait(_native.login(login_options("login", options), on_event is not None), on_event)
    return wait_with_input(start_reading("login", options, input), on_event, input)


def start_reading(function: str, options: LoginOptions, stream: TextIO) -> Attempt:
    """Start a login that submits the lines of a stream."""
    __tracebackhide__ = True
    check_input(stream)
    check_names(function, options, LoginOptions)
    return _native.start_login(_native.login_options(host(), **native(options), reads_lines=True))


def start_login(*, on_event: Optional[OnEvent] = None, **options: Unpack[LoginOptions]) -> LoginAttempt:
    """Bind a callback port and make the login URL; :meth:`LoginAttempt.wait` or ``poll`` then opens the browser.

    For programs that show the URL themselves, such as notebooks. The options are those of :func:`login`. If both keys
    in the file still work, the wait ends with them, unless ``force`` is set.

    Raises :class:`LoginError` (``ports_in_use``), and what :func:`save_keys` would raise, before the user logs in.

    >>> from libatmn import start_login
    >>> with start_login(force=True) as attempt:
    ...     print("Log in at", attempt.url)
    ...     done = attempt.wait()
    Log in at http…
    >>> done.saved.created
    False
    """
    __tracebackhide__ = True
    conceal_all(options)
    has_blocking_listener(on_event)
    return LoginAttempt(_native.start_login(login_options("start_login", options)), on_event)


class AttemptBase:
    """The parts that both kinds of login attempt share."""

    def __init__(self, attempt: Attempt, on_event: Optional[OnEvent]) -> None:
        """Create an attempt. Only ``start_login`` does."""
        has_listener(on_event)
        self._attempt = attempt
        self._listener = self._guard(on_event)
        self._call: Optional[Call[LoginResult]] = None
        self._lock = Lock()

    def _guard(self, on_event: Optional[OnEvent]) -> Guard:
        return Guard(on_event)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} port={self.port}>"

    @property
    def url(self) -> str:
        """The URL to log in at. Show it to the user only."""
        return self._attempt.url

    @property
    def port(self) -> int:
        """The callback port."""
        return self._attempt.port

    @property
    def hint(self) -> Optional[str]:
        """Advice for this machine, such as the ``ssh -L`` command that forwards the callback port."""
        return self._attempt.hint

    @property
    def deadline(self) -> datetime:
        """When the login expires."""
        return self._attempt.deadline

    def submit(self, text: str) -> None:
        """Submit the text that the user pasted: the callback URL from the browser, its query, or the code alone.

        Raises :class:`LoginError` (``state_mismatch``) or :class:`InvalidArgument` for any other text. The login goes
        on. After its end, any text raises :class:`LoginError` (``no_pending_login``).
        """
        __tracebackhide__ = True
        text = conceal(text)
        self._attempt.submit(text)

    def cancel(self) -> None:
        """End the login: a waiting thread gets ``cancelled``, and the port is free within a moment."""
        self._attempt.cancel()
        if self._call is not None:
            self._call.cancel()  # which may be waiting for the listener

    def _started(self) -> Call[LoginResult]:
        __tracebackhide__ = True
        with self._lock:
            if self._call is None:
                call = self._attempt.begin(self._listener.on_event is not None)
                self._call = cast("Call[LoginResult]", SharedCall(call))
            return self._call


class SharedCall:
    """A call whose result several threads or tasks may fetch, each of them also more than once."""

    def __init__(self, call: Call[LoginResult]) -> None:
        """Share a call."""
        self._call = call
        self._lock = Lock()
        self._result: Optional[LoginResult] = None
        self._error: Optional[AtmnError] = None
        self.cancel, self.fileno, self.take_events = call.cancel, call.fileno, call.take_events
        self.release, self.login_timeout = call.release, call.login_timeout

    @property
    def ended(self) -> bool:
        """Whether the worker has finished."""
        return self._call.ended

    def take_result(self) -> Optional[LoginResult]:
        """Return the result, or raise the error, as often as this is called."""
        __tracebackhide__ = True
        self._call.fileno()  # refuses the child of a fork, which does not decide how the login ended
        with self._lock:
            if self._error is not None:
                raise again(self._error)
            if self._result is None:
                try:
                    self._result = self._call.take_result()
                except AtmnError as error:
                    # A copy, since the traceback of this one would hold the caller's variables.
                    self._error = again(error)
                    raise
            return self._result


class LoginAttempt(AttemptBase):
    """A login in progress. Any thread may call ``submit`` and ``cancel``.

    As a context manager, it ends the login and frees the port on exit.
    """

    __module__ = "libatmn"

    def wait(self) -> LoginResult:
        """Wait until the login has ended. The first call opens the browser.

        Threads that wait for the same attempt get the same result, and so does each later call. A listener must not
        wait for its own attempt: that is an :class:`InvalidArgument`. The login waits for the listener at
        ``callback_received``, and Ctrl-C ends it, as for :func:`login`.

        Raises what :func:`login` raises; ``cancelled`` after :meth:`cancel`.
        """
        __tracebackhide__ = True
        self._listener.check()
        return wait(self._started(), self._listener.on_event)

    def poll(self, timeout: float = 0.0) -> Optional[LoginResult]:
        """Wait for at most ``timeout`` seconds; return ``None`` if it has not ended. Otherwise as :meth:`wait`.

        If there is a listener, the login waits at ``callback_received`` until a call has passed it that event.
        """
        __tracebackhide__ = True
        concealed, timeout = _native.conceal(timeout), 0.0
        limit = seconds(concealed)
        return poll(self._started(), self._listener.on_event, limit)

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
            leave(self._call, error)


def begin_login(**options: Unpack[BeginLoginOptions]) -> Union[PendingLogin, LoginResult]:
    """Make the URL for a login that :func:`complete_login` finishes within ten minutes, in any process.

    Each key in the file that still works is kept, unless ``force`` is set. If both work, the result is a
    :class:`LoginResult` and nothing is pending. A private file keeps the state of a pending login. Its URL names a
    port that is free now; no port is taken, and no browser opens. The options are those of :func:`login`, without
    ``login_timeout`` and ``open_browser``.

    Raises :class:`FileError`, :class:`LoginError` (``ports_in_use``), :class:`RequestError`, and what :func:`save_keys`
    would raise.

    >>> from libatmn import begin_login
    >>> print(begin_login(force=True).note)
    Log in at this URL. The last page will not load; paste its URL here. Do not share these URLs.
    """
    __tracebackhide__ = True
    conceal_all(options)
    return wait(begin_login_call(options), None)


def begin_login_call(options: BeginLoginOptions) -> Call[Union[PendingLogin, LoginResult]]:
    """Start :func:`begin_login`."""
    __tracebackhide__ = True
    return _native.begin_login(login_options("begin_login", options, BeginLoginOptions))


def login_options(
    function: str, options: Mapping[str, object], kind: type[BeginLoginOptions] = LoginOptions
) -> _native.LoginOptions:
    """Convert the options of a function, with the environment of the call."""
    __tracebackhide__ = True
    check_names(function, options, kind)
    return _native.login_options(host(), **native(options))


def complete_login(
    text: str, *, on_event: Optional[OnEvent] = None, login_timeout: Optional[float] = None
) -> LoginResult:
    """Finish a login that :func:`begin_login` began, with the callback URL from the browser.

    The query of the URL is enough. If exactly one login is pending, so is the code alone. ``login_timeout`` is in
    seconds.

    Raises :class:`LoginError` (``no_pending_login``, ``state_mismatch``), :class:`InvalidArgument`, and what
    :func:`login` raises.
    """
    __tracebackhide__ = True
    text, login_timeout = conceal(text), conceal(login_timeout)
    has_blocking_listener(on_event)
    return wait(complete_login_call(text, login_timeout), on_event)


def complete_login_call(text: str, login_timeout: Optional[float]) -> Call[LoginResult]:
    """Start :func:`complete_login`, with concealed arguments."""
    __tracebackhide__ = True
    return _native.complete_login(host(), text, native({"login_timeout": login_timeout})["login_timeout"])


def terminal_listener(stream: Optional[TextIO] = None) -> Callable[[Event], None]:
    """Make a listener that writes each event as one line to ``stream``, by default to the current ``sys.stderr``.

    It writes nothing where there is no ``sys.stderr``, as in windowed programs. Raises ``TypeError`` for a ``stream``
    that is not a text stream.
    """
    if stream is not None and not callable(getattr(stream, "write", None)):
        raise TypeError(f"stream must be a text stream, not {type(stream).__name__}")

    def listener(event: Event) -> None:
        write_line(sys.stderr if stream is None else stream, event.message)

    return listener


def write_line(stream: Optional[TextIO], text: str) -> None:
    """Write one line; characters that the stream cannot encode become escapes.

    Python sets ``sys.stdout`` and ``sys.stderr`` to ``None`` if the descriptor is closed, and in windowed programs.
    """
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
