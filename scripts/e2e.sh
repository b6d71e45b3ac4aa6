#!/usr/bin/env bash
# Walks the journeys in a real browser, side by side, each walk on a demonstration
# of its own: on SQLite every page that links lead to, and all other journeys; on
# PostgreSQL the stories at one width, for what only a page's form decides is the same there.
# e2e/run.mjs finds in its environment:
#   TUTELA_URL     where the program answers
#   TUTELA_DATA    its folder, with demo-accounts.json
#   TUTELA_ENGINE  what the walk is called
#   TUTELA_BIN     the program
#   TUTELA_SCHERMI the only width, where one is enough
set -euo pipefail
cd "$(dirname "$0")/.."
tmp=$(mktemp -d /tmp/tutela-e2e-XXXXXX)
chmod 755 "$tmp"
pgbin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -1)")
pgdir="$tmp/pg"

# PostgreSQL refuses to run as root.
aspg() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

finish() {
  local pids
  pids=$(jobs -p)
  # shellcheck disable=SC2086
  [ -z "$pids" ] || { kill $pids && wait; } 2>/dev/null || true
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

start() { # start NAME [ARGS OF demo]; sets pid and url
  local name=$1
  shift
  "$tmp/tutela" demo --data "$tmp/$name" --addr 127.0.0.1:0 "$@" >"$tmp/$name.out" 2>"$tmp/$name.err" &
  pid=$! url=
  for _ in $(seq 1200); do
    url=$(sed -n 's/^pronto //p' "$tmp/$name.out")
    [ -z "$url" ] && kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  if [ -z "$url" ]; then
    echo "demo did not start for $name:"
    cat "$tmp/$name.out" "$tmp/$name.err"
    return 1
  fi
}

stop() { kill "$pid" && wait "$pid" || true; }

walk() ( # walk NAME "JOURNEYS" [ARGS OF demo]; a journey with - before it is left out
  name=$1
  read -ra journeys <<<"$2"
  shift 2
  trap stop EXIT
  start "$name" "$@" || exit 1
  echo "-- $name: $url"
  TUTELA_URL=$url TUTELA_DATA=$tmp/$name TUTELA_ENGINE=$name TUTELA_BIN=$tmp/tutela node e2e/run.mjs "${journeys[@]}" && exit 0
  echo "-- $name: the program said:"
  tail -20 "$tmp/$name.err"
  exit 1
)

CGO_ENABLED=0 go build -o "$tmp/tutela" ./cmd/tutela
start pages
stop
cp -r "$tmp/pages" "$tmp/sqlite"
address=$(postgres)
rc=0
# Two at a time, as long as each other: what one waits for, the other's browser works in.
walk sqlite "-all-pages" &
walk pages "all-pages" || rc=1
TUTELA_SCHERMI=largo walk postgres "citizen desk admin" --db "$address" || rc=1
wait $! || rc=1
exit $rc
