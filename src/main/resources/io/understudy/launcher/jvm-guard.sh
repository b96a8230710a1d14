# Kills the JVM that does not renew: one that is stopped, starved or stuck. Its copies have guards of
# their own, which see its pipes close. Needs bash, whose read can wait for a time.
#
#   bash -c SCRIPT jvm-guard PID [ALIVE]   in a session of its own, where no Ctrl-C reaches it
#
# Each line on standard input is a number: the milliseconds until the next line must be here. Before
# the first line it waits for ever, and at the end of file the JVM is gone. When its copies are too,
# which is when all their guards have let go of the pipe ALIVE, it says so: what else there was on a
# line is its last word, as escapes of printf, and whom to send it to, each as HOST/PORT.
trap '' HUP INT QUIT TERM
alive=$2
if [[ -n $alive ]]; then exec 4<>"$alive" 5<"$alive" 4<&-; fi
last=

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

# Any of the datagrams may be lost. Nothing is ever written to the pipe: to read it is to wait.
speak() {
  [[ -n $last && -n $alive ]] || return
  IFS= read -r rest <&5
  set -- $last
  word=$1
  shift
  for pause in 0.01 0.05 0.1 0.2 0.01; do
    for to; do printf %b "$word" >"/dev/udp/$to"; done 2>/dev/null
    IFS= read -r -t "$pause" rest <>"$alive"
  done
}

IFS= read -r line || exit 0
while true; do
  millis=${line%% *}
  if [[ $line == *\ * ]]; then last=${line#* }; fi
  printf -v seconds '%d.%03d' "$((millis / 1000))" "$((millis % 1000))"
  hear "$seconds"
  # Once more: a line may have come while this process was held up before it could look.
  if ((heard > 128)); then hear 0.05; fi
  if ((heard > 128)); then
    kill -KILL "$1"
    echo "guard: process $1 has not renewed within $seconds s and was killed, its copies with it" >&2
    speak
    exit 1
  fi
  if ((heard != 0)); then
    speak
    exit 0
  fi
done
