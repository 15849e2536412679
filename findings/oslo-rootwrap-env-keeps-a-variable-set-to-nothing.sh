#!/usr/bin/env bash
# Software: oslo.rootwrap 7.10.0, EnvFilter.
# Expected: a command line `env NAME=value program` does through rootwrap what env(1) does: EnvFilter "Behaves like CommandFilter,
#   except that it handles leading env A=B.. strings appropriately". `NAME=` sets the variable to nothing.
# Seen: with NAME=inherited in the environment, `env NAME= sh -c ...` has no value, and through rootwrap, whose filter lets it pass,
#   the program sees "inherited". `NAME=other` is "other" in both.
# Why: get_environment() begins with a copy of os.environ and sets a variable `if env_name and env_value`.
# Hurts: commands that take a variable away from a program in this way, such as a proxy or a locale: the old value stays in force.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.rootwrap==7.10.0 || exit 77
mkdir "$dir/filters"
printf '[DEFAULT]\nfilters_path=%s\nexec_dirs=/bin,/usr/bin\nuse_syslog=False\n' "$dir/filters" >"$dir/rootwrap.conf"
printf '[Filters]\nsh: EnvFilter, env, root, NAME=, sh\n' >"$dir/filters/sh.filters"
export NAME=inherited
# value PREFIX... NAME=VALUE: what a program that is started so sees of NAME.
# shellcheck disable=SC2016
value() { "$@" sh -c 'echo "[$NAME]"'; }
rootwrap="$dir/venv/bin/oslo-rootwrap"
direct=$(value env NAME=)
wrapped=$(value "$rootwrap" "$dir/rootwrap.conf" env NAME=)
other=$(value "$rootwrap" "$dir/rootwrap.conf" env NAME=other)
printf 'env NAME=: %s\nthrough rootwrap: %s\nenv NAME=other through rootwrap: %s\n' "$direct" "$wrapped" "$other"
[ "$direct, $wrapped, $other" = "[], [inherited], [other]" ] || exit 1
