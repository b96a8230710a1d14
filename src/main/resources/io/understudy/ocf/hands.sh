# The hands of a copy that is a resource agent: runs the agent's actions one after the other, in a
# session of its own, where what ends the copy does not reach them. When the copy is gone, which is
# when standard input ends, it stops the resource, and tries again until that succeeds.
#
#   sh -c SCRIPT hands ALIVE HOLD OUTPUT HELD AGENT
#
# ALIVE, HOLD  pipes; until they are let go of, the node's copies and this one count as alive
# OUTPUT       a file, for what an action says
# HELD         what there is to stop at the beginning: started, promoted, or nothing
#
# A line on standard input is "ACTION SECONDS MILLIS INTERVAL", the latter two for the agent, or
# "limits DEMOTE STOP", the seconds that these may take in the end. Each is answered by a line, the
# exit code.
trap '' HUP INT QUIT TERM PIPE
hold=$2 output=$3 held=$4 agent=$5 demote=20.000 stop=20.000
if [ ! -p "$hold" ]; then
  echo "there is no pipe $hold, by which the WatchDog would wait for the end of the resource" >&2
  exit 1
fi
exec 7>"$output.lock" 8<>"$1" 9<>"$hold" || exit 1
# An action that other hands began, which were killed, comes to its end first.
flock 7 || exit 1
echo ready

# act ACTION SECONDS MILLIS INTERVAL: timeout(1) holds what is held, so that it is until the end
act() (
  trap - HUP INT QUIT TERM PIPE
  export OCF_RESKEY_CRM_meta_timeout="$3" OCF_RESKEY_CRM_meta_interval="$4"
  exec timeout -k 1 "$2" sh -c 'exec "$0" "$1" 7>&- 8>&- 9>&-' "$agent" "$1" </dev/null
)

while read -r action seconds millis interval; do
  case $action in
    start) held=started ;;
    promote) held=promoted ;;
  esac
  : >"$output" # and added to, since what the agent has started may go on to write
  case $action in
    limits) demote=$seconds stop=$millis ;;
    meta-data) act "$action" "$seconds" "$millis" "$interval" >>"$output" ;;
    *) act "$action" "$seconds" "$millis" "$interval" >>"$output" 2>&1 ;;
  esac
  code=$?
  case $action.$code in
    stop.0) held= ;;
    demote.0) held=started ;;
    monitor.0 | monitor.8 | monitor.9 | monitor.190 | monitor.191) held=${held:-promoted} ;;
  esac
  echo "$code" 2>/dev/null
done

exec >&2
[ -n "$held" ] || exit 0
if [ "$held" = promoted ]; then act demote "$demote" "${demote%.*}000" 0; fi
pause=1
until act stop "$stop" "${stop%.*}000" 0; do
  echo "stop: code $?; until it succeeds this copy counts as alive; again in $pause s"
  sleep "$pause" 7>&- 8>&- 9>&-
  if [ "$pause" -lt 30 ]; then pause=$((pause * 2)); fi
done
