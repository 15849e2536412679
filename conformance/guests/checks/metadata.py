"""The metadata service: a server that asks who it is."""

from conformance.guests.records import Records, spoken
from conformance.guests.words import Words
from conformance.verdict.signals import Unsupported


def metadata_is_its_own(records: Records) -> list[str]:
    """The metadata service, where there is one, says the server's own id."""
    violations = []
    for record, words in spoken(records):
        answered, text = words.answers.get("metadata", (False, ""))
        if answered and text.strip() != record.server:
            violations.append(f"the metadata of {record.name} says it is {text.strip() or 'nobody'}")
        elif not answered and _is_an_answer(text):
            violations.append(f"the metadata service answers {record.name} with an error: {text}")
    return violations


def _is_an_answer(error: str) -> bool:
    """Whether a client's error tells of an HTTP status, and not of silence."""
    return any(sign in error for sign in ("HTTP/1", "ERROR 4", "ERROR 5", "error: 4", "error: 5"))


def no_metadata(records: Records) -> None:
    if not any(w.answers.get("metadata", (False, ""))[0] or _is_an_answer(_error(w)) for _r, w in spoken(records)):
        raise Unsupported("no metadata service answers the servers")


def _error(words: Words) -> str:
    return words.answers.get("metadata", (False, ""))[1]
