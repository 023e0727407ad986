"""Python's part of `make soak`: many logins and many calls in one process; see `watch.py`."""

import gc

import libatmn


def pause(what: str, turn: int, every: int) -> None:
    """Hold still now and then, to be looked at; the collector has done its work then."""
    if turn % every == 0:
        gc.collect()
        print(what, turn, flush=True)
        input()


for turn in range(1, 201):
    libatmn.login(on_event=lambda event: None, force=True)
    pause("logins", turn, 50)
client = libatmn.Client()
for turn in range(1, 10_001):
    client.request("GET", "/v1/organization/me")
    pause("calls", turn, 2_500)
