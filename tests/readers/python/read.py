import json
import logging
import os
import sys
import tempfile
from pathlib import Path

from dotenv import dotenv_values


def answer(path):
    try:
        values = dotenv_values(path)
    except Exception:
        return {"refuses": True}
    return {"values": {bytes_of(name): value if value is None else bytes_of(value) for name, value in values.items()}}


def bytes_of(text):
    return text.encode("utf-8").decode("latin-1")


with tempfile.TemporaryDirectory(prefix="reader-") as directory:
    path = Path(directory, ".env")
    # python-dotenv also expands ${NAME} from the process environment.
    os.environ.clear()
    # A warning for each odd line would fill stderr, which the caller does not read.
    logging.disable()
    for line in sys.stdin.buffer:
        case = json.loads(line)
        path.write_bytes(case["bytes"].encode("latin-1"))
        print(json.dumps({"id": case["id"], **answer(path)}), flush=True)
