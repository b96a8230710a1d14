# Kills the JVM that does not renew: one that is stopped, starved or stuck. Its copies have guards of
# their own, which see its pipes close. Needs bash, whose read can wait for a time.
#
#   bash -c SCRIPT jvm-guard PID   in a session of its own, where no Ctrl-C reaches it
#
# Each line on standard input is a number: the milliseconds until the next line must be here. Before
# the first line it waits for ever, and at the end of file the JVM is gone.
trap '' HUP INT QUIT TERM

# hear SECONDS: reads a line into millis; heard is above 128 if there is none in time, 1 at the end.
hear() {
  IFS= read -r -t "$1" millis
  heard=$?
  if ((heard > 128)) && [[ -n $millis ]]; then
    # It was here in time, and this process was held up while it read it.
    IFS= read -r rest
    heard=$?
    millis+=$rest
  fi
}

IFS= read -r millis || exit 0
while true; do
  printf -v seconds '%d.%03d' "$((millis / 1000))" "$((millis % 1000))"
  hear "$seconds"
  # Once more: a line may have come while this process was held up before it could look.
  if ((heard > 128)); then hear 0.05; fi
  if ((heard > 128)); then
    kill -KILL "$1"
    echo "guard: process $1 has not renewed within $seconds s and was killed, its copies with it" >&2
    exit 1
  fi
  if ((heard != 0)); then exit 0; fi
done
