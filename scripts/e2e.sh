#!/usr/bin/env bash
# Walks the journeys in a real browser, each time on a new demonstration: all of
# them on SQLite; on PostgreSQL the stories, for what only a page's form decides is
# the same there. e2e/run.mjs finds in its environment:
#   TUTELA_URL     where the program answers
#   TUTELA_DATA    its folder, with demo-accounts.json
#   TUTELA_ENGINE  sqlite or postgres
#   TUTELA_BIN     the program
set -euo pipefail
cd "$(dirname "$0")/.."
tmp=$(mktemp -d /tmp/tutela-e2e-XXXXXX)
chmod 755 "$tmp"
pid=
pgbin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -1)")
pgdir="$tmp/pg"

# PostgreSQL refuses to run as root.
aspg() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

finish() {
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid"; } || true
  [ ! -d "$pgdir/data" ] || aspg "$pgbin/pg_ctl" -D "$pgdir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$tmp"
}
trap finish EXIT

postgres() { # prints the address of a new server on a free port
  mkdir "$pgdir"
  [ "$(id -u)" != 0 ] || chown postgres "$pgdir"
  local port
  port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  aspg "$pgbin/initdb" -D "$pgdir/data" -E UTF8 --locale=C.UTF-8 -A trust -U e2e --no-sync >"$tmp/initdb.log"
  aspg "$pgbin/pg_ctl" -D "$pgdir/data" -l "$pgdir/log" -w -o "-p $port -k $pgdir -c listen_addresses=127.0.0.1" start >/dev/null
  echo "postgres://e2e@127.0.0.1:$port/postgres?sslmode=disable"
}

walk() { # walk ENGINE "JOURNEYS" [ARGS OF demo]; no journey named: all
  local engine=$1 data="$tmp/$1" journeys
  read -ra journeys <<<"$2"
  shift 2
  "$tmp/tutela" demo --data "$data" --addr 127.0.0.1:0 "$@" >"$data.out" 2>"$data.err" &
  pid=$!
  local url=
  for _ in $(seq 600); do
    url=$(sed -n 's/^pronto //p' "$data.out")
    [ -z "$url" ] && kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  if [ -z "$url" ]; then
    echo "demo did not start on $engine:"
    cat "$data.out" "$data.err"
    return 1
  fi
  echo "-- $engine: $url"
  local rc=0
  TUTELA_URL=$url TUTELA_DATA=$data TUTELA_ENGINE=$engine TUTELA_BIN=$tmp/tutela node e2e/run.mjs "${journeys[@]}" || rc=$?
  if [ "$rc" != 0 ]; then
    echo "-- the program said:"
    tail -20 "$data.err"
  fi
  kill "$pid" && wait "$pid" || true
  pid=
  return "$rc"
}

CGO_ENABLED=0 go build -o "$tmp/tutela" ./cmd/tutela
rc=0
walk sqlite "" || rc=1
walk postgres "citizen desk admin" --db "$(postgres)" || rc=1
exit $rc
