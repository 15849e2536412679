"""Whether a server whose DELETE was accepted may still be deleted, judged by an answer to GET."""

from typing import Any

GONE = 404
PASSING = (GONE, 408, 409, 425, 429)  # refusals that may turn into another answer
AT_REST = ("ACTIVE", "ERROR")
TASK = "OS-EXT-STS:task_state"


def why_it_stays(status: int | None, answer: Any) -> str:
    """Why a GET of the server will never be answered 404; empty where it may be.

    Compute sets the task of deleting a server before it answers the DELETE (nova compute/api.py, _delete), so a server
    without a task afterwards is not being deleted. Another refusal than 404 does not turn into one.
    """
    if status is not None and 400 <= status < 500 and status not in PASSING:
        return f"it is answered {status}, and not {GONE}"
    server = answer.get("server") if isinstance(answer, dict) else None
    if isinstance(server, dict) and server.get("status") in AT_REST and server.get(TASK, "unknown") is None:
        return f"it is {server['status']} and has no task: its deletion was accepted and does not happen"
    return ""
