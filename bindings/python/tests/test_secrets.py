"""Planted keys appear in `.env` and nowhere else."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import libatmn
import pytest
from autumn import Autumn
from conftest import LIVE, SANDBOX

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = "planted"


def shown(value: Any) -> str:
    """Every text that Python makes of a value, and what a log or a pickle would store."""
    parts = [str(value), repr(value), f"{value}", "%s %r" % (value, value)]  # noqa: UP031 - one way to format
    if isinstance(value, BaseException):
        parts += traceback.format_exception(type(value), value, value.__traceback__)
        parts.append(repr(pickle.dumps(value)))
    elif hasattr(value, "__match_args__"):
        parts += [shown(getattr(value, name)) for name in value.__match_args__]
    record = logging.LogRecord("libatmn", logging.INFO, __file__, 1, "%s", (value,), None)
    parts.append(logging.Formatter().format(record))
    return "\n".join(parts)


def test_results_do_not_show_keys(project: Path) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n")
    results = [
        libatmn.resolve_key(),
        libatmn.resolve_key(key=SANDBOX),
        *libatmn.explain_key(environment="live"),
        libatmn.diagnose(offline=True),
        libatmn.save_keys([SANDBOX.replace("0123", "4567")]),
        libatmn.ApiKey(LIVE),
        libatmn.Client(key=SANDBOX),
        libatmn.logout(),
    ]
    for result in results:
        assert PLANTED not in shown(result)


def test_errors_do_not_show_keys(autumn: Autumn, project: Path) -> None:
    assert autumn.url
    env = project / ".env"
    calls = []

    def of_file(text: str, **options: Any) -> None:
        def call() -> object:
            env.write_text(text)
            return libatmn.resolve_key(**options)

        calls.append(call)

    of_file(f"AUTUMN_SECRET_KEY={LIVE}\n", environment="sandbox")
    of_file(f"AUTUMN_SECRET_KEY={SANDBOX.replace('sk', 'pk')}\n")
    of_file(f"AUTUMN_SECRET_KEY='{SANDBOX} {SANDBOX}'\n")
    of_file(f"AUTUMN_SECRET_KEY='{SANDBOX}\n")
    calls += [
        lambda: libatmn.ApiKey(f"{SANDBOX}!"),
        lambda: libatmn.resolve_key(key=f"{SANDBOX}!"),
        lambda: libatmn.resolve_key(key=f"{SANDBOX}\ud800"),
        lambda: libatmn.resolve_key(key=SANDBOX.encode()),  # type: ignore[arg-type]
        lambda: libatmn.resolve_key(environment=SANDBOX),  # type: ignore[arg-type]
        lambda: libatmn.save_keys(SANDBOX),
        lambda: libatmn.save_keys([SANDBOX, f"{SANDBOX}0"]),
        lambda: libatmn.save_keys([SANDBOX.replace("sk", "pk")]),
        lambda: libatmn.whoami(key=SANDBOX),
        lambda: libatmn.whoami(key=SANDBOX, server="https://me:planted@example.com"),
        lambda: libatmn.Client(key=SANDBOX).request("GET", "/v1/customers"),
        lambda: libatmn.Client(key=SANDBOX).request("GET", f"/v1/customers/{SANDBOX}"),
        lambda: libatmn.Client().reauthenticate(f"{SANDBOX}!"),
        lambda: libatmn.complete_login(SANDBOX),
    ]
    for call in calls:
        with pytest.raises((libatmn.AtmnError, TypeError)) as caught:
            call()
        error = caught.value
        # The traceback quotes the lines of this file.
        error.__traceback__ = None
        assert PLANTED not in shown(error), error
        cause = error.__cause__
        while cause is not None:
            cause.__traceback__ = None
            assert PLANTED not in shown(cause), error
            cause = cause.__cause__


def test_login_shows_no_key(autumn: Autumn, project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answers: list[str] = []

    def answer(url: str) -> str:
        answers.append(autumn.approved(url))
        return answers[0]

    browser = autumn.browser(answer)
    with libatmn.start_login(on_event=browser, open_browser=False) as attempt:
        done = attempt.wait()
        everything = [shown(event) for event in browser.events] + [shown(done), shown(attempt)]
    tails = [key.reveal()[-12:] for key in done.keys]
    code = parse_qs(urlsplit(answers[0]).query)["code"][0]
    for secret in (*tails, code):
        assert all(secret not in text for text in everything)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and tails[0] in path.read_text("latin-1")]
    assert holders == [project / ".env"]
