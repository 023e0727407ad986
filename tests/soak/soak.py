"""The Python program of `make soak`: many logins and many calls in one process. See `watch.py`."""

import gc

import libatmn


def pause(what: str, turn: int, every: int) -> None:
    """Collect garbage and wait for `watch.py` to measure this process, every few turns."""
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
