"""A login in a notebook."""

from __future__ import annotations

from html import escape
from importlib import import_module
from threading import Thread
from types import ModuleType
from typing import Callable, Optional, cast

from libatmn._errors import AtmnError
from libatmn._login import LoginAttempt, start_login
from libatmn._native import LoginResult
from libatmn._types import LoginOptions, Unpack

__all__ = ["NotebookLogin", "notebook_login"]


def notebook_login(**options: Unpack[LoginOptions]) -> NotebookLogin:
    """Log in from a notebook: the cell shows a link and, with ipywidgets, a field for the URL of the last page.

    Make it the last expression of a cell. The cell ends at once, and the login goes on; the keys are saved in ``.env``
    when the user has approved. If the browser runs on another machine than the notebook, its last page does not load:
    the user then pastes the URL of that page into the field, or passes it to ``submit`` in the next cell.

    The options are those of :func:`login`; ``open_browser`` is ``False`` by default, since the cell has the link.

    Raises as :func:`start_login`.

    >>> from libatmn import notebook_login
    >>> shown = notebook_login(force=True, open_browser=True)
    >>> print(shown)
    Log in at http…
    >>> shown.wait().organization.slug
    'night-library'
    >>> print(shown)
    Logged in to Night Library.
    """
    options.setdefault("open_browser", False)
    return NotebookLogin(start_login(**options))


class NotebookLogin:
    """A login that goes on while other cells run."""

    __module__ = "libatmn"

    def __init__(self, attempt: LoginAttempt) -> None:
        """Wait for the user on another thread."""
        self._attempt = attempt
        self._result: Optional[LoginResult] = None
        self._error: Optional[BaseException] = None
        self._thread = Thread(target=self._run, name="libatmn login", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._attempt.wait()
        except BaseException as error:
            self._error = error

    @property
    def url(self) -> str:
        """The URL to log in at. Show it to the user only."""
        return self._attempt.url

    def submit(self, text: str) -> None:
        """Submit the URL that the user pasted, as :meth:`LoginAttempt.submit`."""
        self._attempt.submit(text.strip())

    def cancel(self) -> None:
        """End the login, and free its port."""
        self._attempt.cancel()
        self._thread.join()

    def wait(self, timeout: Optional[float] = None) -> LoginResult:
        """Return the result of the login, as :meth:`LoginAttempt.wait`.

        Raises :class:`TimeoutError` if the login has not ended within ``timeout`` seconds. It goes on then.
        """
        self._thread.join(timeout)
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise TimeoutError("the login has not ended yet")
        return self._result

    def __str__(self) -> str:
        if self._error is not None:
            return str(self._error)
        if self._result is None:
            return f"Log in at {self.url}"
        organization = self._result.organization
        return f"Logged in to {organization.name if organization else 'Autumn'}."

    def _repr_html_(self) -> str:
        if self._error is not None or self._result is not None:
            return f"<p>{escape(str(self))}</p>"
        link = f'<a href="{escape(self.url)}" target="_blank" rel="noopener noreferrer">Log in to Autumn</a>'
        advice = "If the last page does not load, paste its URL into the field, or pass it to <code>submit</code>."
        return f"<p>{link}</p><p>{advice} Do not share these URLs.</p>"

    def _ipython_display_(self) -> None:
        # Notebooks have IPython, and most have ipywidgets. Both are untyped.
        show: Callable[..., None] = import_module("IPython.display").display
        try:
            widgets = import_module("ipywidgets")
        except ImportError:
            show({"text/html": self._repr_html_()}, raw=True)
        else:
            show(self.widget(widgets))

    def widget(self, widgets: ModuleType) -> object:
        """Return the link and the field as a widget of ``ipywidgets``, for layouts of your own."""
        page = widgets.HTML(self._repr_html_())
        field = widgets.Text(placeholder="http://localhost:31448/?code=…", continuous_update=False)

        def pasted(change: dict[str, str]) -> None:
            if not change["new"]:
                return
            # A notebook can save its fields, and this text contains the code of the login.
            field.value = ""
            try:
                self.submit(change["new"])
            except AtmnError as error:
                page.value = f"{self._repr_html_()}<p>{escape(str(error))}</p>"
                return
            self._thread.join()
            page.value = self._repr_html_()

        field.observe(pasted, names="value")
        return cast("object", widgets.VBox([page, field]))
