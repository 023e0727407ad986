"""Results are frozen dataclasses, whatever they are asked first."""

from __future__ import annotations

import subprocess
import sys

import libatmn
import pytest
from conftest import SANDBOX

# Each is asked in an interpreter where nobody has asked anything before.
QUESTIONS = [
    "place == again and not place != again and place is not again",
    "place != replace(place, line=7) and place != 7",
    "hash(place) == hash(again) and len({place, again}) == 1",
    "repr(place).startswith(\"Place(origin='argument', variable=None,\") and place.text not in repr(place)",
    "str(place) == place.text == f'{location}'",
    "repr(Response(200, {}, b'long')) == 'Response(status=200, headers={})'",
    "repr(PendingLogin(url='https://secret', deadline=1, note='n')) == \"PendingLogin(deadline=1, note='n')\"",
    "KeyClass('secret', environment='live') == libatmn.classify_key('am_sk_live_x')",
    "raises(TypeError, Organization) and raises(TypeError, Organization, None, 'n', 's', 'more')",
    "raises(FrozenInstanceError, setattr, place, 'line', 7) and place.line is None",
    "raises(FrozenInstanceError, setattr, place, 'other', 7)",
    "raises(FrozenInstanceError, delattr, place, 'line') and place.line is None",
    "raises(TypeError, hash, Event('hint', 'info', 'm', {}))",
    "raises(AttributeError, getattr, place, 'other')",
    "replace(place, line=7).line == 7",
    "sys.version_info < (3, 13) or copy.replace(place, line=7).line == 7",
    "asdict(found)['source']['outcome'] == 'used'",
    "is_dataclass(place) and is_dataclass(Place)",
    "[field.name for field in fields(Event)] == ['code', 'level', 'message', 'context']",
    "list(signature(Organization).parameters) == ['id', 'name', 'slug']",
    "sys.version_info < (3, 10) or KeyClass.__match_args__ == ('kind', 'environment')",
    "get_type_hints(PendingLogin) == {'url': str, 'deadline': datetime, 'note': str}",
    "get_type_hints(Credential)['environment'] == Optional[libatmn.Environment]",
    "pickle.loads(pickle.dumps(place)) == place and pickle.loads(pickle.dumps(place, 0)).path is None",
    "copy.copy(place) == copy.deepcopy(place) == place",
    "copy.deepcopy(found).key is found.key",
    "Mine('secret', 'live') == Mine('secret', 'live') != KeyClass('secret', 'live') and Mine.__doc__ == 'Of a user.'",
    "Counted('secret', 'live').kind == 'secret' and Counted.made == 1",
]

PRELUDE = f"""
import copy, pickle, sys
from dataclasses import FrozenInstanceError, asdict, fields, is_dataclass, replace
from datetime import datetime
from inspect import signature
from typing import Optional, get_type_hints
import libatmn
from libatmn import Credential, Event, KeyClass, Organization, PendingLogin, Place, Response

class Mine(KeyClass):
    "Of a user."

class Counted(KeyClass):
    made = 0
    def __init__(self, *parts):
        super().__init__(*parts)
        Counted.made += 1

def raises(kind, call, *arguments):
    try:
        call(*arguments)
    except kind:
        return True

found = libatmn.resolve_key(key={SANDBOX!r})
place, again = found.source, libatmn.resolve_key(key={SANDBOX!r}).source
"""


def passes(script: str) -> None:
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_a_frozen_dataclass_from_the_first_question_on(question: str) -> None:
    passes(f"{PRELUDE}\nassert {question}\nassert {question.replace('made == 1', 'made == 2')}")


def test_threads_may_ask_first_at_the_same_time() -> None:
    passes(f"""{PRELUDE}
import threading
sys.setswitchinterval(1e-6)
together, answers = threading.Barrier(8), []
def ask(number):
    together.wait()
    answers.append(place == again if number % 2 else Place(**vars(place)) == place)
threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert answers == [True] * 8, answers
""")


def test_patterns_match() -> None:
    passes(f"""{PRELUDE}
match libatmn.classify_key("am_pk_live_x"):
    case KeyClass("publishable", environment="live"):
        pass
    case _:
        raise SystemExit(1)
""")


def test_results_of_others_have_the_same_fields() -> None:
    """What the native half makes leaves nothing out."""
    location = libatmn.resolve_key(key=SANDBOX).source
    assert vars(libatmn.Location(**vars(location))) == vars(location)
    assert list(vars(location)) == list(libatmn.Location.__match_args__)
