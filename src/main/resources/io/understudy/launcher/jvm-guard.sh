# Kills the JVM that does not renew: one that is stopped, starved or stuck. Its copies have guards of
# their own, which see its pipes close. Needs bash 4.3, whose read can wait for a time.
#
#   bash -c SCRIPT jvm-guard PID [ALIVE]   in a session of its own, where no Ctrl-C reaches it
#
# Each line on standard input begins with a number: the milliseconds until the next line must be
# here. Before the first line it waits for ever, and at the end of file the JVM is gone. What else
# there may be on a line:
#   +PID:START   a copy has begun, -PID when it leads a group, START as in /proc/PID/stat
#   _PID:START   that copy has ended
#   DEAD GONE HOST/PORT...   two words, as escapes of printf, and whom to send them to
#
# A killed process gives back its memory before it closes what others could see closing, which takes
# tens of milliseconds. But its threads end at once, and with the one that started this script the
# kernel sends it USR1, if it was started so (PR_SET_PDEATHSIG): then DEAD is sent, and the copies are
# killed. GONE says that they are dead, which is when all their guards have let go of the pipe ALIVE.
jvm=$1
alive=$2
if [[ -r /proc/$jvm/task/$jvm/stat ]]; then visible=1; else visible=; fi
trap 'if dying; then bury; exit 0; fi' USR1
trap '' HUP INT QUIT TERM
if [[ -n $alive ]]; then { [[ -p $alive ]] && exec 4<>"$alive" 5<"$alive" 4<&-; } || alive=; fi
declare -A copies=()
dead=
gone=
to=()

# words_of STAT: what follows the name there; fails if that cannot be read.
words_of() {
  local lines
  # No read, which would forget the time that the one it interrupts has left.
  mapfile -t lines <"$1" && ((${#lines[@]})) && words=(${lines[-1]##*\) })
} 2>/dev/null

# ended: whether none of the JVM's threads will run again: each that is left has the flag PF_EXITING.
# What cannot be looked at must be gone.
ended() {
  local file words
  for file in /proc/"$jvm"/task/*/stat; do
    if words_of "$file"; then
      ((words[6] & 4)) || return 1
    elif [[ $file == *'*'* ]]; then
      [[ ! -e /proc/$jvm ]] || return 1
    else
      [[ ! -e $file ]] || return 1
    fi
  done
}

# Their own guards do that too, when they see the JVM's pipes close; a number may be another's by now.
kill_copies() {
  local id target words
  for id in "${!copies[@]}"; do
    target=${id%:*}
    if words_of "/proc/${target#-}/stat" && [[ ${words[19]} == "${id##*:}" ]]; then
      kill -KILL -- "$target"
    fi
  done 2>/dev/null
}

# dying: whether the JVM is dead. Looks twice, because a thread may begin while it looks; and for a
# while, because threads that have no processor just now end when they get one.
dying() {
  local tries IFS=' ' # the read that this interrupts has none
  [[ -n $visible ]] || return 1
  for ((tries = 0; tries < 100; tries++)); do
    if ended && ended; then return 0; fi
  done
  return 1
}

# What is left to do for a JVM that is dead. No read here may have a time: within one that it
# interrupts it would never be over.
bury() {
  local IFS=' ' line rest pause
  trap '' USR1
  while read -t 0 && IFS= read -r line; do hear_out; done
  kill_copies
  send "$dead"
  send "$dead" # any of the datagrams may be lost
  [[ -n $gone && -n $alive ]] || return
  # Nothing is ever written to the pipe: to read it is to wait, until the end, which is 1.
  until IFS= read -r rest <&5 || (($? == 1)); do :; done
  for pause in 0.01 0.05 0.1 0.2 0; do
    send "$gone"
    sleep "$pause"
  done
}

# For who hears only from the end of file that the JVM is dead, or has just killed it.
bury_once_dead() {
  if ! dying; then
    while IFS= read -r line; do hear_out; done
    dying || return
  fi
  bury
}

send() {
  local each
  for each in "${to[@]}"; do printf %b "$1" >"/dev/udp/$each"; done 2>/dev/null
}

# hear SECONDS: reads a line; heard is above 128 if there is none in time, 1 at the end.
hear() {
  IFS= read -r -t "$1" line
  heard=$?
  if ((heard > 128)) && [[ -n $line ]]; then
    # It was here in time, and this process was held up while it read it.
    IFS= read -r rest
    heard=$?
    line+=$rest
  fi
}

# take WORD...: what a line says beside its number.
take() {
  while [[ ${1-} == [+_]* ]]; do
    if [[ $1 == +* ]]; then copies[${1#+}]=1; else unset "copies[${1#_}]"; fi
    shift
  done
  if (($# > 2)); then
    dead=$1
    gone=$2
    to=("${@:3}")
  fi
}

# hear_out: takes what the line says.
hear_out() {
  millis=${line%% *}
  if [[ $millis =~ ^[0-9]+$ ]]; then take ${line:${#millis}}; fi
}

IFS= read -r line || exit 0
while true; do
  hear_out
  printf -v seconds '%d.%03d' "$((millis / 1000))" "$((millis % 1000))"
  hear "$seconds"
  # Once more: a line may have come while this process was held up before it could look.
  if ((heard > 128)); then hear 0.05; fi
  if ((heard > 128)); then
    trap '' USR1
    kill -KILL "$jvm"
    bury_once_dead
    echo "guard: process $jvm has not renewed within $seconds s and was killed, its copies with it" >&2
    exit 1
  fi
  if ((heard != 0)); then
    trap '' USR1
    bury_once_dead
    exit 0
  fi
done
