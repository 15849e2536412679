#!/usr/bin/env bash
# Software: automaton 3.5.0, FiniteMachine with on_exit callbacks.
# Expected: on_exit is the "callback that will be called when the state is exited" (State), with "the state being exited" as its
#   first parameter (add_state()); on_enter of a state is called when it is entered.
# Seen: from idle through running to done and back, on_exit of idle is called twice, the second time with "running", on_exit of
#   running when done is left, and on_exit of done never. Every on_enter is the right one.
# Why: add_transition() keeps on_exit of the state that the transition starts from together with on_enter of the one it leads to,
#   as one _Jump, which becomes the current state; process_event() then takes on_exit of that current state. initialize() makes
#   its _Jump with on_exit of the start state itself, as it should be.
# Hurts: machines in which states have clean-up of their own (a lock, a timer): it is the clean-up of the state before.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check automaton==3.5.0 || exit 77
"$dir/venv/bin/python" - <<'EOF'
import sys

from automaton import machines

calls = []


def callback(kind, owner):
    return lambda state, event: calls.append((kind, owner, state))


names = ("idle", "running", "done")
machine = machines.FiniteMachine()
for name in names:
    machine.add_state(name, on_enter=callback("enter", name), on_exit=callback("exit", name))
for start, end in zip(names, names[1:] + names[:1]):
    machine.add_transition(start, end, "next")
machine.initialize("idle")
for _ in names:
    machine.process_event("next")
for kind, owner, state in calls:
    print(f"on_{kind} of {owner} is called with {state}")
if calls != [
    ("exit", "idle", "idle"),
    ("enter", "running", "running"),
    ("exit", "idle", "running"),
    ("enter", "done", "done"),
    ("exit", "running", "done"),
    ("enter", "idle", "idle"),
]:
    sys.exit("changed")
EOF
