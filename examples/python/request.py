"""Calls the API with the active key, and logs in again if the server rejects the key."""

import sys

import libatmn


def main() -> int:
    """List a few customers."""
    client = libatmn.Client(reauth="auto", on_event=libatmn.terminal_listener())
    try:
        answer = client.request("GET", "/v1/customers", query={"limit": "3"})
    except libatmn.AtmnError as error:
        print(error, error.hint or "", file=sys.stderr)
        return 1
    for customer in answer.json()["list"]:
        print(customer["id"], customer["name"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
