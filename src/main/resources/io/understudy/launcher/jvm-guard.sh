# Kills the JVM that does not renew: one that is stopped, starved or stuck. Its copies have guards of
# their own, which see its pipes close. Needs bash, whose read can wait for a time.
#
#   bash -c SCRIPT jvm-guard PID   in a session of its own, where no Ctrl-C reaches it
#
# Each line on standard input is a number: the milliseconds until the next line must be here. Before
# the first line it waits for ever, and at the end of file the JVM is gone.
trap '' HUP INT QUIT TERM

patience=()
while true; do
  if IFS= read -r "${patience[@]}" millis; then
    printf -v seconds '%d.%03d' "$((millis / 1000))" "$((millis % 1000))"
    patience=(-t "$seconds")
  elif (($? <= 128)); then
    exit 0
  elif ! read -r -t 0; then # else a line did come, while this process itself was held up
    kill -KILL "$1"
    echo "guard: process $1 has not renewed within $seconds s and was killed, its copies with it" >&2
    exit 1
  fi
done
