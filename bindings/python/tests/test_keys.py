"""Keys, and the files that hold them."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import shutil
import subprocess
import threading
from pathlib import Path

import libatmn
import pytest
from conftest import LIVE, SANDBOX
from libatmn import ApiKey


def test_key_is_masked_in_every_text() -> None:
    key = ApiKey(SANDBOX)
    masked = "am_sk_test_…dbox"
    assert str(key) == f"{key}" == "%s" % key == masked  # noqa: UP031 - one way to format
    assert repr(key) == f"{key!r}" == f"ApiKey('{masked}')"
    assert f"{key:>20}" == masked.rjust(20)
    assert (key.kind, key.environment, key.reveal()) == ("secret", "sandbox", SANDBOX)
    with pytest.raises(UnicodeEncodeError):
        str(key).encode("latin-1")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_key_refuses_pickling_and_json(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(ApiKey(SANDBOX), protocol)
    with pytest.raises(TypeError):
        json.dumps(ApiKey(SANDBOX))


def test_copies_of_results_share_the_key() -> None:
    found = libatmn.resolve_key(key=SANDBOX)
    assert copy.deepcopy(found).key == copy.copy(found.key) == copy.deepcopy(found.key) == found.key


def test_key_is_frozen_and_final() -> None:
    key = ApiKey(SANDBOX)
    for name in ("kind", "environment", "other"):
        with pytest.raises(AttributeError):
            setattr(key, name, "live")
    with pytest.raises(TypeError):
        type("Mine", (ApiKey,), {})


@pytest.mark.parametrize("text", ["", "hunter2", "am_sk_test_", "am_oauth_x", f" {SANDBOX}", f"{SANDBOX}\n", "\ud800"])
def test_other_texts_are_refused(text: str) -> None:
    assert libatmn.classify_key(text) is None
    with pytest.raises(libatmn.AtmnError) as caught:
        ApiKey(text)
    assert caught.value.code in {"malformed_key", "not_utf8"}
    assert not text.strip() or text.strip() not in str(caught.value)


def test_nearest_location_wins(project: Path) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    found = libatmn.resolve_key(directory=deep, environment="sandbox")
    assert found.key.reveal() == SANDBOX
    assert (found.source.origin, found.source.line, found.source.outcome) == ("env_file", 1, "used")
    assert str(found.source) == f"AUTUMN_SECRET_KEY in {project / '.env'}, line 1"
    assert found.skipped == ()


def test_explain_key_lists_every_location(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    monkeypatch.setenv("AUTUMN_SECRET_KEY", LIVE)
    locations = libatmn.explain_key(directory=project, boundary=project)
    assert [(location.origin, location.outcome, location.masked) for location in locations if location.masked] == [
        ("process", "used", "am_sk_live_…live"),
        ("env_file", "shadowed", "am_sk_test_…dbox"),
    ]


def test_boundary_ends_the_search(project: Path) -> None:
    (project / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    inner = project / "repository" / "src"
    inner.mkdir(parents=True)
    (inner.parent / ".git").mkdir()
    assert libatmn.resolve_key(directory=inner, boundary="filesystem").key.reveal() == SANDBOX
    for boundary in ("repository", inner, str(inner.parent)):
        with pytest.raises(libatmn.ApiKeyError) as caught:
            libatmn.resolve_key(directory=inner, boundary=boundary)
        assert caught.value.code == "key_not_found"


def test_directories_are_paths_of_every_type(tmp_path: Path) -> None:
    odd = tmp_path / "\udcff-no-utf8"
    odd.mkdir()
    (odd / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    raw = bytes(odd)
    for directory in (odd, str(odd), raw):
        assert libatmn.resolve_key(directory=directory).source.path == str(odd / ".env")


def test_save_keys_and_logout_edit_one_file(project: Path) -> None:
    (project / ".env").write_text("# comment\nPORT=80\n")
    saved = libatmn.save_keys([ApiKey(SANDBOX), LIVE])
    assert (saved.path, saved.created, saved.git, saved.replaced, saved.shadowed_by, saved.locked) == (
        str(project / ".env"),
        False,
        "none",
        (),
        (),
        True,
    )
    advice = "Run `chmod 600` on it, unless one of them needs it."
    assert saved.note == f"Other accounts can read {project / '.env'}. {advice}"
    text = (project / ".env").read_text()
    assert text == f"# comment\nPORT=80\nAUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"
    other = SANDBOX.replace("planted", "another")
    assert [location.masked for location in libatmn.save_keys([other]).replaced] == ["am_sk_test_…dbox"]
    out = libatmn.logout(server="local")
    assert {location.outcome for location in out.removed} == {"removed"}
    assert (len(out.removed), out.remaining, out.path) == (2, (), str(project / ".env"))
    assert "revoke them on http://localhost:8080." in out.note
    assert (project / ".env").read_text() == "# comment\nPORT=80\n"


def test_save_keys_asks_git(project: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    assert libatmn.save_keys([SANDBOX], gitignore="never").git == "not_ignored"
    (project / ".env").unlink()
    assert libatmn.save_keys([SANDBOX]).git == "added"
    assert (project / ".gitignore").read_text() == "/.env\n"
    subprocess.run(["git", "add", "-f", ".env"], check=True)
    with pytest.raises(libatmn.FileError) as caught:
        libatmn.save_keys([LIVE])
    assert (caught.value.code, caught.value.context["path"]) == ("env_file_tracked", str(project / ".env"))
    assert libatmn.save_keys([LIVE], allow_tracked=True).git == "tracked"


def test_other_threads_run_while_save_keys_waits(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git` waits for a file that another Python thread creates."""
    started, go, programs = tmp_path / "started", tmp_path / "go", tmp_path / "bin"
    real = shutil.which("git")
    subprocess.run(["git", "init", "-q", "."], check=True)
    programs.mkdir()
    git = programs / "git"
    git.write_text(f"#!/bin/sh\n: >'{started}'\nwhile [ ! -e '{go}' ]; do sleep 0.01; done\nexec '{real}' \"$@\"\n")
    git.chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def release_git() -> None:
        while not started.exists():
            pass
        go.touch()

    thread = threading.Thread(target=release_git)
    thread.start()
    assert libatmn.save_keys([SANDBOX]).git != "unknown"
    thread.join()


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda: libatmn.resolve_key(environment="prod"), "environment"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key(directory="/missing"), "directory"),
        (lambda: libatmn.explain_key(boundary="/missing"), "boundary"),
        (lambda: libatmn.save_keys([]), "keys"),
        (lambda: libatmn.save_keys([SANDBOX, f"{SANDBOX}x"]), "keys"),
        (lambda: libatmn.save_keys([SANDBOX], gitignore="maybe"), "gitignore"),  # type: ignore[arg-type]
        (lambda: libatmn.logout(server="https://user:pw@example.com"), "server"),
        (lambda: libatmn.logout(directory="\0"), "directory"),
    ],
)
def test_invalid_values_are_errors_that_name_their_option(call: object, option: str) -> None:
    assert callable(call)
    with pytest.raises(libatmn.InvalidArgument) as caught:
        call()
    assert (caught.value.code, caught.value.context["option"]) == ("invalid_argument", option)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: ApiKey(None), "text"),  # type: ignore[arg-type]
        (lambda: ApiKey(b"am_sk_test_0123456789ab"), "text"),  # type: ignore[arg-type]
        (lambda: libatmn.classify_key(7), "text"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key(key=b"am_sk_test_0123456789ab"), "key"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key(environment=True), "environment"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key(directory=7), "directory"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key(boundary=[]), "boundary"),  # type: ignore[arg-type]
        (lambda: libatmn.resolve_key("sandbox"), "positional"),  # type: ignore[call-arg]
        (lambda: libatmn.save_keys(SANDBOX), "keys"),
        (lambda: libatmn.save_keys(None), "keys"),  # type: ignore[arg-type]
        (lambda: libatmn.save_keys([7]), "key"),  # type: ignore[list-item]
        (lambda: libatmn.save_keys([SANDBOX], allow_tracked="yes"), "allow_tracked"),  # type: ignore[arg-type]
        (lambda: libatmn.logout(server=7), "server"),  # type: ignore[arg-type]
        (lambda: libatmn.logout(directory=b"/tmp", extra=1), "extra"),  # type: ignore[call-arg]
    ],
)
def test_wrong_types_are_type_errors_that_name_the_argument(call: object, argument: str, project: Path) -> None:
    assert callable(call)
    with pytest.raises(TypeError, match=argument) as caught:
        call()
    assert SANDBOX not in str(caught.value)
    assert "0123456789ab" not in str(caught.value)
    assert list(project.iterdir()) == []


def test_path_that_cannot_be_encoded_is_not_utf8() -> None:
    for call in (
        lambda: libatmn.resolve_key(directory="\ud800"),
        lambda: libatmn.explain_key(boundary="\ud800"),
        lambda: libatmn.save_keys([SANDBOX], directory="\ud800"),
    ):
        with pytest.raises(libatmn.AtmnError) as caught:
            call()
        assert caught.value.code == "not_utf8"


def test_find_key_returns_none_without_a_key(tmp_path: Path) -> None:
    assert libatmn.find_key(directory=tmp_path, boundary=tmp_path) is None
    (tmp_path / ".env").write_text(f"AUTUMN_SECRET_KEY={SANDBOX}\n")
    found = libatmn.find_key(directory=tmp_path, boundary=tmp_path)
    assert found is not None
    assert found.key.reveal() == SANDBOX
    (tmp_path / ".env").write_text("AUTUMN_SECRET_KEY=planted\n")
    with pytest.raises(libatmn.ApiKeyError) as caught:
        libatmn.find_key(directory=tmp_path, boundary=tmp_path)
    assert caught.value.code == "malformed_key"


def test_diagnose_reports_what_is_wrong_as_a_result() -> None:
    checks = libatmn.diagnose(offline=True).checks
    assert {"version", "ports", "git", "file", "sandbox_key", "server"} <= {check.subject for check in checks}
    assert all(check.hint is None for check in checks if check.outcome == "ok")
    assert asyncio.run(libatmn.aio.diagnose(offline=True)).checks[0] == checks[0]
    with pytest.raises(libatmn.InvalidArgument):
        libatmn.diagnose(timeout=0)


def test_server_info_needs_no_server() -> None:
    facts = libatmn.server_info(server="cloud")
    assert (facts.api_url, facts.dashboard_url) == ("https://api.useautumn.com", "https://app.useautumn.com")
    assert len(facts.scopes) == 20
    assert libatmn.server_info(server="https://autumn.example").dashboard_url is None
    with pytest.raises(libatmn.InvalidArgument):
        libatmn.server_info(server="ftp://x")


def test_keys_are_saved_in_the_named_file(tmp_path: Path) -> None:
    saved = libatmn.save_keys([SANDBOX], directory=tmp_path, file=".env.local")
    assert saved.path == str(tmp_path / ".env.local")
    assert libatmn.logout(directory=tmp_path).path == saved.path
    with pytest.raises(libatmn.InvalidArgument):
        libatmn.save_keys([SANDBOX], directory=tmp_path, file=".env.production")  # type: ignore[arg-type]
