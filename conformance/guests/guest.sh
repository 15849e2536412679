#!/bin/sh
# The script of servers under test: it looks at its network, does what the plan says, and prints results on its console.
# POSIX sh with ip, wget or curl, base64 and md5sum, as busybox has them. Every wait is bounded, and nothing of the
# server is changed but files in a folder of its own.
#
# The plan, as variables: NONCE (the word that marks its lines), PORT (where it listens), VERSIONS (IP versions of which
# it awaits addresses), WAIT (seconds for that), OUTSIDE (URLs beyond the external network), PEERS (how many servers of
# its request to look for), SEARCH (seconds for that), TARGETS (addresses to try), ANSWERED (seconds to wait for their
# answers; empty if they must not answer), BACK (whether to let the outside call back), FLOATING (seconds in which to
# repeat the call to the outside, as a floating IP takes time to set up; empty without one).
# @PLAN@
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
TRIES=3   # a first packet may be lost while neighbours are looked for
SPAN=5    # seconds to try for at least, as a service may still be starting; after a 5xx, WAIT seconds
ABREAST=20 # connections at once, as a small server has few processes

place=${TMPDIR:-/tmp}/gman.$NONCE.$$ # not shared with other guests of one machine or one request
mkdir -p "$place" || exit 1
facts=$place/facts
netcat=$(command -v nc 2> /dev/null)
printf 'GET / HTTP/1.0\r\n\r\n' > "$place/request"
: > "$facts"

now() { read -r up _ < /proc/uptime && echo "${up%%.*}"; }
nap() { sleep 0.2 2>/dev/null || sleep 1; }
fact() { # one line, whatever characters the value has
  printf '%s\n' "$(printf %s "$*" | tr -d '\r' | tr '\n' ' ' | cut -c1-500)" >> "$facts"
}

bounded() { # SECONDS COMMAND...: run it, and return its status; after SECONDS, kill it and say so on stderr
  bound=$1
  shift
  "$@" &
  child=$!
  (
    trap 'kill "$sleeper" 2>/dev/null; exit' TERM
    sleep "$bound" &
    sleeper=$!
    wait "$sleeper"
    kill "$child"
  ) > /dev/null 2>&1 &
  guard=$!
  wait "$child"
  status=$?
  kill "$guard" 2>/dev/null
  [ "$status" -le 128 ] || echo "no answer within $bound s" >&2 # instead of the shell's word for the signal
  return "$status"
}

quiet=-q
wget --version 2> /dev/null | grep -q GNU && quiet=-nv # GNU's -q hides errors, too

get() { # SECONDS URL: the page; errors go to standard error
  if command -v wget > /dev/null 2>&1; then
    bounded "$1" wget "$quiet" -O - "$2"
  else
    bounded "$1" curl -sSf "$2"
  fi
}

try() { # NAME URL SECONDS [SED]: a fact with the answer, or the part that sed prints; else the last error
  # a partial answer counts as an answer; at most 64 KiB are read, as a small server has little memory
  count=0
  span=$SPAN
  began=$(now)
  while [ "$count" -lt "$TRIES" ] || [ $(($(now) - began)) -lt "$span" ]; do
    count=$((count + 1))
    answer=$(get "$3" "$2" 2> "$place/error.$1" | head -c 65536)
    [ -z "$answer" ] || break
    case $(tail -n 1 "$place/error.$1") in *" 5"[0-9][0-9]*) [ "$WAIT" -gt "$SPAN" ] && span=$WAIT ;; esac
    nap
  done
  [ -z "$4" ] || [ -z "$answer" ] || answer=$(printf '%s\n' "$answer" | sed -n "$4")
  if [ -n "$answer" ]; then
    fact "try $1 ok $answer"
  else
    fact "try $1 no $(tail -n 1 "$place/error.$1" | cut -c1-100)"
  fi
}

interfaces() { ip -o link show | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p' | grep -v '^lo$'; }
routers() { # VERSION: the default routers, with the interface of each
  ip "-$1" route show | sed -n 's/^default via \([^ ]*\) dev \([^ ]*\).*/\1 \2/p' | sort -u
}
addresses() { # VERSION: usable addresses, with the prefix length
  ip -o "-$1" addr show scope global | grep -v tentative | sed -n 's/.* inet6* \([^ ]*\) .*/\1/p'
}

wait_for_addresses() {
  for version in $VERSIONS; do # a router that advertises IPv6 does so within seconds
    until=$(($(now) + (version == 4 ? WAIT : WAIT / 2)))
    while [ -z "$(addresses "$version")" ] || [ -z "$(routers "$version")" ]; do
      [ "$(now)" -lt "$until" ] || break
      nap
    done
  done
}

look() {
  for interface in $(interfaces); do
    link=$(ip -o link show dev "$interface")
    fact "mac $(echo "$link" | sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p')"
    fact "mtu $(echo "$link" | sed -n 's/.* mtu \([0-9]*\).*/\1/p')"
  done
  for version in 4 6; do
    addresses "$version" | while read -r address; do fact "address $address"; done
    routers "$version" | while read -r router _; do fact "router $router"; done
  done
  for client in dhclient dhcpcd udhcpc6 networkctl; do
    command -v "$client" > /dev/null 2>&1 && fact "dhcpv6 $client" && break
  done
}

listen() { # serve a page with the nonce and MAC address, for peers, strangers and the outside
  mkdir -p "$place/www"
  fact_mac=$(sed -n 's/^mac //p' "$facts" | head -n 1)
  echo "gman-guest $NONCE $fact_mac" > "$place/www/index.html"
  for server in "busybox httpd" httpd; do
    $server -p "$PORT" -h "$place/www" 2> /dev/null && return
  done
  if command -v python3 > /dev/null 2>&1; then
    (cd "$place/www" && python3 -m http.server "$PORT" > /dev/null 2>&1) &
    return
  fi
  fact "deaf nothing to listen with"
}

call() { # ADDRESS SECONDS: the page at that address; nc is preferred, as it is one process, and many calls run at once
  if [ -n "$netcat" ]; then
    exec nc -w "$2" "$1" "$PORT" < "$place/request" 2> /dev/null
  fi
  case $1 in
    *:*) get "$2" "http://[$1]:$PORT/" 2> /dev/null ;;
    *) get "$2" "http://$1:$PORT/" 2> /dev/null ;;
  esac
}

who() { # "NONCE MAC" in the page of a guest
  sed -n '/gman-guest /{s/.*gman-guest \([0-9a-f]* [0-9a-f:]*\).*/\1/p;q;}'
}

number_of() { # 10.0.0.1 as a number
  IFS=. read -r a b c d <<END
$1
END
  echo $((((a * 256 + b) * 256 + c) * 256 + d))
}

neighbourhood() { # the other addresses of its IPv4 prefix, nearest first, if the prefix is small enough
  own=$(addresses 4 | head -n 1)
  [ -n "$own" ] && [ "${own#*/}" -ge 24 ] || return
  number=$(number_of "${own%/*}")
  size=$((1 << (32 - ${own#*/})))
  first=$((number / size * size))
  step=1
  while [ "$step" -lt "$size" ]; do
    for other in $((number + step)) $((number - step)); do
      [ "$other" -gt "$first" ] && [ "$other" -lt $((first + size - 1)) ] || continue
      echo "$((other >> 24)).$((other >> 16 & 255)).$((other >> 8 & 255)).$((other & 255))"
    done
    step=$((step + 1))
  done
}

look_for_peers() { # ADDRESSES: connect to all of them, some at once; each answer is kept in a file
  knocks=
  for address in $1; do
    [ -s "$place/peers/$address" ] && continue
    call "$address" 1 > "$place/peers/$address" &
    knocks="$knocks $!"
    [ "$(echo "$knocks" | wc -w)" -lt "$ABREAST" ] && continue
    await_knocks
    met_all && return
  done
  await_knocks
}

await_knocks() { # a pause, then wait for the connections, unless all peers are met: unused addresses take longest
  nap
  met_all || wait $knocks
  knocks=
}

met_all() { [ "$(grep -l "gman-guest $NONCE" "$place"/peers/* 2> /dev/null | wc -l)" -ge "$PEERS" ]; }

find_peers() { # until all peers are met, or the time is up: the nearest addresses first, and most often
  mkdir -p "$place/peers"
  until=$(($(now) + SEARCH))
  all=$(neighbourhood)
  [ -n "$all" ] || return
  reach=$ABREAST
  while [ "$PEERS" -gt 0 ] && ! met_all && [ "$(now)" -lt "$until" ]; do
    look_for_peers "$(echo "$all" | head -n "$reach")"
    reach=$((reach * 2))
    [ "$reach" -lt 512 ] || reach=$ABREAST
  done
  for address in $(cd "$place/peers" && grep -l "gman-guest $NONCE" ./* 2> /dev/null); do
    fact "peer ${address#./} $(who < "$place/peers/$address" | cut -d' ' -f2)"
  done
}

knock() { # ADDRESS INTERFACE: facts: what answers there, if anything, and which MAC address claims it on the link
  until=$(($(now) + ${ANSWERED:-0})) # a target may be slow, or its rules may come late
  while :; do
    (call "$1" 3 > "$place/page.$1") # a file, as a pipe would take three more processes until there is an answer
    answer=$(who < "$place/page.$1")
    [ -z "$answer" ] && [ "$(now)" -lt "$until" ] || break
    nap
  done
  fact "reach $1 ${answer:-no}"
  bits=32
  case $1 in *:*) bits=128 ;; esac
  # treat it as a neighbour: a server on the link with this address would answer
  if ip route add "$1/$bits" dev "$2" 2> /dev/null; then
    (call "$1" 2 > /dev/null)
    answer=$(ip neigh show "$1" dev "$2" | sed -n '/lladdr/{s/.*lladdr \([0-9a-f:]*\).*/\1/p;q;}')
    fact "heard $1 $answer"
    ip route del "$1/$bits" dev "$2" 2> /dev/null
  fi
}

ping_router() { # whether the router answers packets as large as the interface's MTU
  router=$(routers 4 | head -n 1 | cut -d' ' -f1)
  mtu=$(sed -n 's/^mtu //p' "$facts" | head -n 1)
  [ -n "$router" ] && [ -n "$mtu" ] || return
  for size in 56 $((mtu - 28)); do
    for _ in 1 2 3; do
      bounded 3 ping -c 1 -W 2 -s "$size" "$router" > /dev/null 2>&1 && fact "ping $size" && break
    done
  done
}

call_back() { # URL VERSION: whether the outside can connect; repeated while a floating IP is being set up
  until=$(($(now) + ${FLOATING:-0}))
  while :; do
    answer=$(get 8 "$1$NONCE/$PORT" 2> /dev/null | head -c 65536)
    case $answer in *'"reached": true'*) break ;; esac
    [ "$(now)" -lt "$until" ] || break
    nap
  done
  fact "try back$2 ok $answer"
}

way_out() { # call each URL of OUTSIDE, and let it call back
  version=4
  for url in $OUTSIDE; do
    case $url in *\[*) version=6 ;; *) version=4 ;; esac
    [ -n "$FLOATING" ] && [ "$version" = 6 ] && continue # no floating IPs of IPv6
    [ -n "$BACK" ] && call_back "$url" "$version"
    try "outside$version" "$url$NONCE" 5
  done
}

tell_neighbours() {
  for version in 4 6; do
    routers "$version" | while read -r router interface; do
      fact "neighbour $router $(ip neigh show "$router" dev "$interface" | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')"
    done
  done
}

encode() { base64 2> /dev/null || openssl base64; }

say() { # all facts, in lines that can be read one by one, as consoles mix and drop lines
  data=$(encode < "$facts" | tr -d '\n')
  total=$(((${#data} + 199) / 200))
  number=0
  while [ "$number" -lt "$total" ]; do
    part=$(echo "$data" | cut -c $((number * 200 + 1))-$((number * 200 + 200)))
    number=$((number + 1))
    line="$NONCE $number/$total $part"
    sum=$(printf %s "$line" | md5sum | cut -c1-8)
    echo "gman $NONCE $number/$total $sum $part"
  done
}

: "${CONSOLE:=/dev/console}" # other output may reach the console late, or not at all
if [ -c "$CONSOLE" ] && { : > "$CONSOLE"; } 2> /dev/null; then exec > "$CONSOLE"; fi

wait_for_addresses
look
listen
(try metadata http://169.254.169.254/openstack/latest/meta_data.json 5 's/.*"uuid": *"\([0-9a-f-]*\)".*/\1/p') &
parts=$!
(way_out) &
parts="$parts $!"
(ping_router) &
parts="$parts $!"
(find_peers) &
parts="$parts $!"
wait $parts
parts=
first_interface=$(interfaces | head -n 1)
for address in $TARGETS; do
  (knock "$address" "$first_interface") &
  parts="$parts $!"
  [ $(($(echo "$parts" | wc -w) % 8)) = 0 ] && wait $parts
done
wait $parts
tell_neighbours
fact "end $(now)"
say
(
  for pause in 1 2 3 5 10 20 30 60 120; do
    sleep "$pause"
    say
  done
) &
