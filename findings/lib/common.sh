# Sourced by the scripts of this folder: a temporary folder, packages unpacked in it, and an end that leaves nothing behind.
set -eu
tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
namespaces=""
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
    for namespace in $namespaces; do ip netns del "$namespace" 2>/dev/null || :; done
    wait 2>/dev/null || :
    rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM

skip() {
    echo "skipped: $*" >&2
    exit 77
}

# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
}

# pypi NAME==VERSION...: a virtual environment in $tmp/venv with these packages; $python is its interpreter.
pypi() {
    python=$tmp/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$tmp/venv"
    env -u LD_LIBRARY_PATH "$python" -m pip install -q --no-compile --disable-pip-version-check "$@" >"$tmp/pip.log" 2>&1 ||
        skip "pip install $*: $(grep -m 1 ERROR "$tmp/pip.log")"
}

# within SECONDS COMMAND...: repeat the command until it succeeds, or fail at the deadline.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as told.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}
