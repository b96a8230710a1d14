# What the scripts of this folder share; sourced, not run.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
deploy=$(dirname "$here")
data=$(dirname "$deploy")/target/fig1
hosts="H1 H2 H3 H4 H5 H6"
understudy="$deploy/understudy"

fail() {
  echo "fig1: $*" >&2
  exit 1
}

usage() {
  echo "fig1: $1" >&2
  echo "usage: $2" >&2
  exit 2
}

# Paths that follow from the data folder, once the options are read. By whatever name that is given,
# ./x or x, it is the one that alive finds in the processes' command lines.
settle() {
  data=$(realpath -m -- "$data")
  pids=$data/pids
  export UNDERSTUDY_FIG1_TOKEN_FILE="$data/operator.token"
  export UNDERSTUDY_FIG1_DEPLOY="$deploy"
  UNDERSTUDY_NODE=
  for host in H2 H5 H6 H1 H3 H4; do
    UNDERSTUDY_NODE=$UNDERSTUDY_NODE${UNDERSTUDY_NODE:+,}http://127.0.0.${host#H}:7626
  done
  export UNDERSTUDY_NODE
  if [ -r "$UNDERSTUDY_FIG1_TOKEN_FILE" ]; then
    UNDERSTUDY_OPERATOR_TOKEN=$(cat "$UNDERSTUDY_FIG1_TOKEN_FILE")
    export UNDERSTUDY_OPERATOR_TOKEN
  fi
}

# alive NAME: the process of that name was started on this data folder and lives. A pid that was
# given to somebody else's process meanwhile is not ours.
alive() {
  [ -r "$pids/$1.pid" ] || return 1
  { tr '\0' '\n' <"/proc/$(cat "$pids/$1.pid")/cmdline"; } 2>/dev/null | grep -qF "$data"
}

# signal SIG NAME...: those of them that live.
signal() {
  sig=$1
  shift
  for name in "$@"; do
    if alive "$name"; then kill "-$sig" "$(cat "$pids/$name.pid")" 2>/dev/null || true; fi
  done
}

# gone TENTHS NAME...: waits until none of them lives, so many tenths of a second at most.
gone() {
  tenths=$1
  shift
  while :; do
    left=
    for name in "$@"; do if alive "$name"; then left=$left$name; fi; done
    [ -n "$left" ] || return 0
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# The nodes first, so that they can write their last to the journal.
stop_all() {
  signal TERM $hosts
  gone 150 $hosts || { signal KILL $hosts; gone 50 $hosts || true; }
  signal TERM supervisor
  gone 50 supervisor checkpoint-server || signal KILL supervisor checkpoint-server
  gone 50 supervisor checkpoint-server || fail "the Checkpoint Server does not end: $pids"
  rm -rf "$pids"
}

# start_host NAME: in a session of its own, so that Ctrl-C reaches only the script.
start_host() {
  mkdir -p "$data/$1" "$pids"
  : >"$data/$1/node.log"
  setsid "$understudy" node --config "$here/$1.conf" --data "$data/$1" \
    </dev/null >>"$data/$1/node.log" 2>&1 &
  echo $! >"$pids/$1.pid"
}

# await_host NAME: until it says that it is ready.
await_host() {
  tenths=600
  until grep -q "^.*$1 is ready" "$data/$1/node.log" 2>/dev/null; do
    alive "$1" || { sleep 0.3; alive "$1"; } || { cat "$data/$1/node.log" >&2; fail "$1 ended before it was ready"; }
    [ "$tenths" -gt 0 ] || fail "$1 is not ready after 60 s; see $data/$1/node.log"
    tenths=$((tenths - 1))
    sleep 0.1
  done
  grep -h "$1 is ready" "$data/$1/node.log" | tail -n 1 | sed 's/^.*\(H[1-6] is ready\)/\1/'
}
