"""The report in Markdown, for a comment under a change or a page of a wiki."""

from conformance.report.model import Report
from conformance.verdict.states import State

OPEN = tuple(state for state in State if state is not State.PASS)


def markdown(report: Report) -> str:
    """Verdict, profiles, and every requirement that did not pass, with its reason."""
    lines = [
        f"# Get me a network, on {cell(report.target['cloud'])}: {report.verdict}",
        "",
        f"{report.suite}, started {report.started}, took {report.seconds:.1f} s.",
        *(f"\n- {name}: {cell(text)}" for name, text in report.published.items()),
        *(f"\n{line}" for line in report.history()),
        "",
        "| Profile | Verdict | " + " | ".join(State) + " |",
        "|---|---|" + "---|" * len(State),
    ]
    for name, profile in report.profiles.items():
        counts = " | ".join(str(profile.counts.get(state, 0) or "") for state in State)
        lines.append(f"| {name} | {profile.state} | {counts} |")
    lines += [f"\n- {finding.kind}, {finding.profile}: {cell(finding.text)}" for finding in report.claims.findings]
    problems = [*report.problems, *report.stale, *report.waits, *(f"left behind: {leak}" for leak in report.leaks)]
    lines += [f"\n- {cell(line)}" for line in problems]
    rows = [line for line in report.requirements if line.state in OPEN]
    if rows:
        lines += ["", "| Requirement | Level | State | What must hold | Reason |", "|---|---|---|---|---|"]
        lines += [
            f"| {line.id} | {line.level} | {line.state} | {cell(line.sentence)} | {cell(line.reason)} |"
            for line in rows
        ]
    return "\n".join([*lines, ""])


def cell(text: str) -> str:
    """Text that stays in its cell, and is no markup."""
    one_line = " ".join(text.split())
    for character in "\\`*_|<>[]":
        one_line = one_line.replace(
            character, f"\\{character}" if character not in "<>" else f"&{'lg'[character == '>']}t;"
        )
    return one_line
