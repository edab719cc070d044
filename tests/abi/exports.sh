#!/bin/sh
# exports.sh <nm> <plugin.so>: the plugin exports its entry and nothing else, and no symbol ties it to others ("u").
set -eu
symbols=$("$1" -D --defined-only "$2" | awk '{print $2, $3}')
if [ "$symbols" != "T responder_entry_v0" ]; then
  echo "$2 exports:"
  echo "$symbols"
  exit 1
fi
if "$1" "$2" | grep -q ' u '; then
  echo "$2 has unique symbols:"
  "$1" -C "$2" | grep ' u '
  exit 1
fi
