# Stops the resource of a copy that has died without doing so, however that was: this process is in a
# session of its own, and the pipe that is its standard input ends with the copy.
#
#   sh -c SCRIPT undo GROUP COMMAND...   COMMAND stops the resource, and may be repeated; GROUP is the
#                                        copy's, in which nothing is left that would start it again
#
# Until the resource is stopped the copy counts as alive, and nobody takes its place: the pipe
# UNDERSTUDY_HOLD is held open. "stopped" on standard input says that there is nothing to do.
trap '' HUP INT QUIT TERM
exec 9>"$UNDERSTUDY_HOLD" || exit 1
group=$1
shift
echo ready
exec >&2
if IFS= read -r word && [ "$word" = stopped ]; then exit 0; fi
exec </dev/null
# No "--" for kill: dash refuses it.
while kill -KILL "-$group" 2>/dev/null; do sleep 0.01; done
pause=1
until "$@" 9>&-; do
  echo "undo: code $? from $*; until it succeeds this copy counts as alive; again in $pause s"
  sleep "$pause" 9>&-
  if [ "$pause" -lt 30 ]; then pause=$((pause * 2)); fi
done
