#!/usr/bin/env bash
# Starts linesim, relay and bridge (echo) on loopback from a build folder. Called by ./dev run.
#   tools/run-chain.sh BUILD [--once TEXT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$1/bin
plugins=$PWD/$1/plugins-out
shift
once=''
case ${1:-} in
  '') ;;
  --once) [ $# -eq 2 ] || { echo 'run: --once takes one text' >&2; exit 64; }; once=$2 ;;
  *) echo "run: unknown option $1; there is --once TEXT" >&2; exit 64 ;;
esac

umask 077
if [ -n "$once" ]; then work=$(mktemp -d); else work=.run; mkdir -p "$work"; fi
declare -A pid=()
step='starting'

stop() {
  trap - EXIT INT TERM
  local name
  for name in bridge relay linesim; do
    [ -z "${pid[$name]:-}" ] || kill -TERM "${pid[$name]}" 2>/dev/null || true
  done
  for name in bridge relay linesim; do
    [ -z "${pid[$name]:-}" ] || wait "${pid[$name]}" 2>/dev/null || true
  done
  if [ -n "$once" ]; then rm -rf "$work"; else echo 'stopped' >&2; fi
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

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
  "$@" --endpoints "$endpoints" >"$work/$name.log" 2>&1 &
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
[responder.echo]
plugin = echo
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
  wait -n "${pid[linesim]}" "${pid[relay]}" "${pid[bridge]}" || true
  fail 'one of the programs ended; see the logs in .run' bridge
fi

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
  api "http://$(jq -r .status "$work/bridge.endpoints")/status" |
    jq --arg event "$event" '.recent[] | select(.event == $event)' >"$work/hops.json" || fail 'no status' bridge
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
