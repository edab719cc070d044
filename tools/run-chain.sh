#!/usr/bin/env bash
# Starts linesim, relay and bridge (echo) on loopback from a build folder. Called by ./dev run.
#   tools/run-chain.sh BUILD [--dir FOLDER] [--once TEXT]
# FOLDER keeps state and logs (.run; with --once a temporary one). Ctrl-C stops all three, exit 0 when each ended well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { echo "run: $1; usage: ./dev run [--dir FOLDER] [--once TEXT]" >&2; exit 64; }

[ $# -gt 0 ] || usage 'no build folder is given'
build=$(realpath -e "$1")
bin=$build/bin
plugins=$build/plugins-out
shift
once=''
work=''
while [ $# -gt 0 ]; do
  case $1 in
    --once | --dir) [ -n "${2:-}" ] || usage "$1 takes a value" ;;
    *) usage "unknown option $1" ;;
  esac
  if [ "$1" = --once ]; then once=$2; else work=$2; fi
  shift 2
done

umask 077
temporary=''
if [ -z "$work" ] && [ -n "$once" ]; then work=$(mktemp -d) && temporary=$work; fi
work=${work:-.run}
mkdir -p "$work"
declare -A pid=()
step='starting'

stop() {
  local code=$? name ended
  trap - EXIT INT TERM HUP
  for name in bridge relay linesim; do
    [ -z "${pid[$name]:-}" ] || kill -TERM "${pid[$name]}" 2>/dev/null || true
  done
  for name in bridge relay linesim; do
    [ -n "${pid[$name]:-}" ] || continue
    ended=0
    wait "${pid[$name]}" 2>/dev/null || ended=$?
    [ "$ended" = 0 ] && continue
    echo "run: $name ended with exit code $ended" >&2
    [ "$code" != 0 ] || code=1
  done
  [ -z "$temporary" ] || rm -rf "$temporary"
  [ -n "$once" ] || echo 'stopped' >&2
  exit "$code"
}
trap stop EXIT
if [ -n "$once" ]; then trap 'exit 130' INT; else trap 'exit 0' INT; fi
trap 'exit 143' TERM HUP

fail() {
  echo "run: failed while $step: $1" >&2
  [ ! -s "$work/${2:-none}.log" ] || { echo "--- last lines of $2" >&2; tail -n 15 "$work/$2.log" >&2; }
  exit 1
}

# start NAME COMMAND...: runs it with its log in $work and waits until it tells its ports.
start() {
  local name=$1 endpoints=$work/$1.endpoints
  shift
  step="starting $name"
  rm -f "$endpoints"
  # Ctrl-C is for this script alone, which stops them in order; should it be killed, they still end.
  setpriv --pdeathsig TERM setsid "$@" --endpoints "$endpoints" >"$work/$name.log" 2>&1 &
  pid[$name]=$!
  local i
  for ((i = 0; i < 600; i++)); do
    [ ! -s "$endpoints" ] || return 0
    kill -0 "${pid[$name]}" 2>/dev/null || fail 'it ended' "$name"
    sleep 0.05
  done
  fail 'it did not tell its ports within 30 s' "$name"
}

api() { curl --silent --show-error --fail-with-body --max-time 40 --header 'Content-Type: application/json' "$@"; }

start linesim \
  "$bin/tsunagi-linesim" --listen 127.0.0.1:0 --data-dir "$work/linesim"
line=http://$(jq -r .api "$work/linesim.endpoints")

cat >"$work/relay.ini" <<EOF
[relay]
listen = 127.0.0.1:0
data_dir = relay
[admin]
listen = 127.0.0.1:0
EOF
start relay "$bin/tsunagi-relay" --config "$work/relay.ini"
relay=$(jq -r .public "$work/relay.endpoints")

step='adding a unit to the relay'
if [ ! -s "$work/unit.json" ] || [ ! -s "$work/unit.token" ]; then
  rm -f "$work/unit.token"
  "$bin/tsunagi-relay" --config "$work/relay.ini" unit add --fleet dev --name simulator --json \
    --token-file "$work/unit.token" >"$work/unit.json" 2>"$work/unit.log" || fail 'unit add' unit
fi
unit=$(jq -r .unit "$work/unit.json")

step='telling the simulator its webhook URL'
api --data "{\"url\":\"http://$relay/dev/$unit/webhook\"}" "$line/control/webhook-url" >/dev/null || fail 'no answer' linesim

cat >"$work/bridge.ini" <<EOF
[relay]
url = ws://$relay/dev
unit = $unit
token_file = unit.token
[line]
channel_secret_file = linesim/channel-secret
channel_access_token_file = linesim/access-token
api_base = $line
data_base = $line
[bridge]
responder = echo
data_dir = bridge
[access]
users = everyone
[responder.echo]
plugin = echo
min_role = guest
[status]
listen = 127.0.0.1:0
EOF
start bridge \
  "$bin/tsunagi-bridge" --config "$work/bridge.ini" --plugin-dir "$plugins"

if [ -z "$once" ]; then
  cat <<EOF

  Chat page   $line/
  Relay       http://$relay/dev/$unit/webhook
  Bridge      $work/bridge.ini (edit it while it runs)
  Logs        $work/*.log

  Ctrl-C stops everything.
EOF
  step='running'
  wait -n "${pid[@]}" || true
  for name in linesim relay bridge; do
    kill -0 "${pid[$name]}" 2>/dev/null || fail "$name ended; see the logs in $work" "$name"
  done
fi

step='waiting until the bridge is ready'
status() { api "http://$(jq -r .status "$work/bridge.endpoints")/status" >"$work/status.json" || fail 'no status' bridge; }
for ((i = 0; i < 600; i++)); do
  status
  [ "$(jq .ready "$work/status.json")" = false ] || break
  trouble=$(jq -r '.unset + .problems | join("; ")' "$work/status.json")
  [ -z "$trouble" ] || fail "$trouble" bridge
  sleep 0.05
done
[ "$(jq .ready "$work/status.json")" = true ] || fail "it is not: $(jq -c .link "$work/status.json")" bridge

step='sending the message'
event=$(jq -n --arg text "$once" '{user: "alice", text: $text}' | api --data @- "$line/control/messages" |
  jq -r '.events[0]') || fail 'the simulator refused it' linesim
step='waiting for the reply'
api "$line/control/events/$event?wait=30s" >"$work/event.json" || fail 'no answer from the simulator' linesim
[ "$(jq .accepted "$work/event.json")" = true ] || fail "the relay did not take the webhook: $(jq -c .attempts "$work/event.json")" relay
[ "$(jq .answered "$work/event.json")" = true ] || fail 'no reply came within 30 s' bridge
step='reading the hop times'
# The reply may be here before the bridge has noted the time its sending took.
for ((i = 0; i < 100; i++)); do
  status
  jq --arg event "$event" '.recent[] | select(.event == $event)' "$work/status.json" >"$work/hops.json"
  [ ! -s "$work/hops.json" ] || break
  sleep 0.05
done
[ -s "$work/hops.json" ] || fail 'the bridge does not know the event' bridge
jq -r '.answers[0].texts[]' "$work/event.json"
jq -rn --slurpfile event "$work/event.json" --slurpfile hops "$work/hops.json" '
  def row(name; ms): (ms | tostring | " " * (6 - length) + .) + " ms  " + name;
  row("LINE to relay: webhook stored, answered 200"; $event[0].attempts[0].latencyMs),
  row("relay to bridge: sent after the request came"; $hops[0].relay_ms),
  row("bridge: signature, record, queue"; $hops[0].queued_ms),
  row("responder"; $hops[0].responder_ms),
  row("answer recorded and sent to LINE"; $hops[0].line_ms),
  row("in all, from typing to the reply"; $event[0].answers[0].latencyMs)' >&2
