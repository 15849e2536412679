"""The metadata service: a server that asks who it is."""

from conformance.guests.records import Records, spoken
from conformance.verdict.signals import Unsupported


def metadata_is_its_own(records: Records) -> list[str]:
    """The metadata service, where there is one, says the server's own id."""
    violations = []
    for record, words in spoken(records):
        answered, text = words.answers.get("metadata", (False, ""))
        if answered and text.strip() != record.server:
            violations.append(f"the metadata of {record.name} says it is {text.strip() or 'nobody'}")
        elif words.answered_with_an_error("metadata"):
            violations.append(f"the metadata service answers {record.name} with an error: {text}")
    return violations


def no_metadata(records: Records) -> None:
    if not any(
        w.answers.get("metadata", (False, ""))[0] or w.answered_with_an_error("metadata") for _r, w in spoken(records)
    ):
        raise Unsupported("no metadata service answers the servers")
