#!/usr/bin/env bash
# Compares every #include "..." of the product's sources with cmake/include-table.txt. One line per offence; 1 if any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A allowed
while IFS=: read -r folder list; do
  case $folder in ''|'#'*) continue ;; esac
  allowed[$folder]=" $folder $list "
done < cmake/include-table.txt

bad=0
while IFS=: read -r file line text; do
  folder=$(dirname "$file")
  target=${text#*\"}
  target=${target%%\"*}
  if [ -e "$folder/$target" ] && [[ $target != */* ]]; then continue; fi  # of the same folder
  if [ -e "core/$target" ]; then target=core/$target; fi
  while [ -z "${allowed[$folder]:-}" ] && [[ $folder == */* ]]; do folder=${folder%/*}; done
  rule=${allowed[$folder]:-}
  if [ -z "$rule" ]; then
    echo "$file:$line: its folder has no line in cmake/include-table.txt"
    bad=1
  elif [[ $rule != *" ${target%/*} "* && $rule != *" $target "* ]]; then
    echo "$file:$line: $folder may not include $target (cmake/include-table.txt)"
    bad=1
  fi
done < <(git ls-files -z -- 'core/*' 'relay/*' 'plugins/*' 'tools/*' | xargs -0 grep -HnE '^#include "' -- | grep -E '^[^:]+\.(cpp|h|hpp|c):')
exit $bad
