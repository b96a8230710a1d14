# Ties a copy to the JVM that holds this script's standard input: however that JVM dies, the pipe
# ends, and the copy's process group is killed. Needs nothing but sh and mkfifo.
#
#   guard.sh start ALIVE PIPE PIDFILE COMMAND...  waits for two lines: HOLD, and the name of a plan,
#     see GuardPlan
#     COMMAND: has "guard.sh copy" run in a process group of its own, reading from PIPE
#     standard error: the copy's pid, once; exits with the copy's code
#   guard.sh copy PIDFILE ALIVE                   becomes the copy that the plan says
#   guard.sh adopt ALIVE PID STARTTIME TARGET     TARGET is PID, or -PID when it leads a group
#
# ALIVE, a pipe, is held open until the copy was killed: once all guards have let go of it no copy
# is left. The first line on standard error says that it is held; a guard that waits for a copy does
# not hold it.
# A started copy finds two pipes, ALIVE and its own, in UNDERSTUDY_ALIVE and UNDERSTUDY_HOLD. Who has
# them open when the copy ends has something to undo, and until he lets go of them it counts as alive.
# Each further line on standard input is the name of a signal for the copy, or RELEASE to let go of it.
# Standard output says nothing: it ends when nobody watches the pipe any more.

# This process waits before anybody knows what for, so that the start of a copy is one exec.
if [ "$1" = copy ]; then
  pidfile=$2 alive=$3
  IFS= read -r plan || exit 0
  . "$plan"
  export UNDERSTUDY_ALIVE="$alive" UNDERSTUDY_HOLD="${pidfile%.pid}.hold"
  echo "$$" >"$pidfile"
  echo "$$" >&2
  exec "$@" </dev/null >>"$log" 2>&1
fi

trap '' HUP INT QUIT TERM PIPE
exec 3<&0 </dev/null
alive=$2

# To open what is not there would make a file, which holds nothing.
need_pipe() {
  if [ ! -p "$alive" ] && [ "$alive" != /dev/null ]; then
    echo "the pipe $alive is gone: start the node again" >&2
    exit 126
  fi
}

watch_pipe() {
  while read -r word <&3; do
    [ "$word" != RELEASE ] || exit 0
    send "$word"
  done
}

if [ "$1" = adopt ]; then
  need_pipe
  exec 5<>"$alive"
  echo held >&2
  pid=$3 start=$4 target=$5
  # The pid may be another process's by now: field 22 of its stat is the time it started.
  send() {
    read -r stat <"/proc/$pid/stat" || return 1
    set -- "$1" ${stat##*\) }
    [ "${21}" = "$start" ] && kill "-$1" "$target"
  }
  # Whether it may yet do anything. What cannot be looked at, for want of a descriptor, may.
  lives() {
    [ -e "/proc/$pid" ] || return 1
    read -r stat <"/proc/$pid/stat" || return 0
    set -- ${stat##*\) }
    [ "${20}" = "$start" ] || return 1
    case $1 in
      Z) set -- "/proc/$pid/task/"*; [ $# -gt 1 ] ;; # of others than the first thread
      X) return 1 ;;
    esac
  }
  exec 2>/dev/null
  watch_pipe
  tries=0
  while lives; do
    send KILL
    # Most die within milliseconds; one that waits for a disk, or cannot be killed, takes its time.
    tries=$((tries + 1))
    if [ "$tries" -lt 100 ]; then sleep 0.01; else sleep 1; fi
  done
  exit 0
fi

pipe=$3 pidfile=$4 hold=${4%.pid}.hold
shift 4
mkfifo -m 600 "$pipe" "$hold" || exit 126
# No "--" for kill: dash refuses it.
# When the copy is gone its number may be another's.
send() {
  read -r pid <"$pidfile" || return 1
  case $pid in
    gone | undone) ;;
    *) kill "-$1" "-$pid" ;;
  esac
}
# Both ends are opened here, where nothing waits for the other one: a watcher that waited for a copy
# to read, whose parent is killed just then, would wait for ever.
exec 6<>"$pipe" 4>"$pipe" 7<"$pipe" 6<&-
exec 8<>"$hold" 9<"$hold"
rm "$pipe"
await_undone() {
  exec 8>&-
  while read -r word <&9; do :; done
}
{
  exec 7<&- 8>&-
  read -r word <&3 || exit 0
  need_pipe 2>&6
  exec 5<>"$alive"
  echo held >&6
  exec 6>&-
  IFS= read -r plan <&3 || exit 0
  echo "$plan" >&4
  exec 4>&-
  watch_pipe
  until send KILL || ! kill -0 $$; do sleep 0.01; done
  await_undone
} 6>&2 2>/dev/null &
watcher=$!
exec 3<&- 4>&- >&-
# In the foreground, because sh has background commands ignore SIGINT for good.
(
  trap - HUP INT QUIT TERM PIPE
  exec "$@" <&7 7<&- 8>&- 9<&-
)
code=$?
exec 2>/dev/null
send KILL
[ ! -e "$pidfile" ] || echo gone >"$pidfile"
await_undone
# Without a copy the watcher has ended, or ends with this process; its number may be another's.
[ ! -e "$pidfile" ] || { echo undone >"$pidfile"; kill -KILL "$watcher"; }
# Whether the JVM is dead or dying, by the flag PF_EXITING.
is_dying() {
  kill -0 "$PPID" || return 0
  read -r stat <"/proc/$PPID/stat" || return 1
  set -- ${stat##*) }
  [ $(($7 & 4)) -ne 0 ]
}
if is_dying; then rm -f "$pidfile" "$hold"; fi # else the JVM does, which takes less than to start rm
exit "$code"
