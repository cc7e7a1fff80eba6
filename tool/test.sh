#!/usr/bin/env bash
# Runs every test there is, after installing what they need:
#
#   tool/test.sh               everything, in the order of the phases below
#   tool/test.sh fast          format, vet and the tests that need neither a database server nor a browser
#   tool/test.sh PHASE...      only these phases: setup format vet build unit store journal program browser lab
#
# With CI set nothing may be missing and no result may come from a cache. Elsewhere, tests whose tools or servers
# cannot be had say so and are skipped. The real servers of the lab are those of the shared folder beside the
# repository (or BELLWETHER_SHARED); the first installation takes some minutes. What this starts, it stops.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

all=(setup format vet build unit store journal program browser lab)
case "${1:-all}" in
  all) phases=("${all[@]}") ;;
  fast) phases=(format vet unit) ;;
  *) phases=("$@") ;;
esac
for p in "${phases[@]}"; do
  [[ " ${all[*]} " == *" $p "* ]] || { echo "there is no phase $p; the phases are: ${all[*]}" >&2; exit 2; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/bellwether-test.XXXXXX")
chmod 711 "$work" # the database server runs as another user
export BELLWETHER_TEST_POSTGRES_DIR="$work/postgres"
export BELLWETHER_BINARY="${BELLWETHER_BINARY:-$work/bellwether}" # one link of the program for all end-to-end tests
shared="${BELLWETHER_SHARED:-$(cd .. && pwd)/shared}"
lab_dir="${LAB_DIR:-${TMPDIR:-/tmp}/lab}"
export GOFLAGS="${GOFLAGS:-} -buildvcs=false" # a clone that another user owns has no version to ask for
touch "$work/started" # the lab servers that this run started, one a line

cleanup() {
  local code=$? name pid
  trap - EXIT INT TERM
  while read -r name; do "$shared/lab/$name/stop.sh" >/dev/null 2>&1 || true; done <"$work/started"
  pid=$(head -1 "$work/postgres/data/postmaster.pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null || true # at once: nothing in it is worth a checkpoint
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  fi
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Each of our packages on a line, and after it everything that it and its tests import.
packages() {
  go list -e -f '{{.ImportPath}}{{range .Imports}} {{.}}{{end}}{{range .TestImports}} {{.}}{{end}}{{range .XTestImports}} {{.}}{{end}} ' ./... >"$work/packages"
}
mine=github.com/bellwether-social/bellwether
database="$mine/internal/(pgtest|db/dbtest) "
# The import paths of a kind, one a line; each package is of one kind, and those that are live of another as well.
select_packages() { # select_packages KIND
  case $1 in
    unit) grep -v "^$mine/e2e/" "$work/packages" | grep -vE "^$mine/internal/pgtest | $database" ;;
    store) grep -v "^$mine/e2e/" "$work/packages" | grep -E "^$mine/internal/pgtest | $database" ;;
    journal) grep "^$mine/e2e/journal" "$work/packages" ;;
    live) grep "^$mine/internal/network/" "$work/packages" | grep " $mine/e2e/lab " ;;
    lab) grep "^$mine/e2e/" "$work/packages" | grep -v "^$mine/e2e/journal" | grep -E "^$mine/e2e/lab | $mine/e2e/lab " ;;
    browser) grep "^$mine/e2e/" "$work/packages" | grep -v "^$mine/e2e/journal" | grep -vE "^$mine/e2e/lab | $mine/e2e/lab " | grep -E "^$mine/e2e/browser | $mine/e2e/browser " ;;
    program) grep "^$mine/e2e/" "$work/packages" | grep -v "^$mine/e2e/journal" | grep -vE "^$mine/e2e/(lab|browser) | $mine/e2e/(lab|browser) " ;;
  esac | cut -d' ' -f1
}

fresh=()
[ -z "${CI:-}" ] || fresh=(-count=1)
go_test() { # go_test KIND FLAGS...
  local kind=$1 list
  shift
  packages
  list=$(select_packages "$kind" || true)
  [ -n "$list" ] || { echo "no packages of this kind"; return 0; }
  # shellcheck disable=SC2086 # one import path a line, none with a space
  go test ${fresh[@]+"${fresh[@]}"} "$@" $list
}

phase_setup() {
  if ! tool/setup.sh; then
    [ -z "${CI:-}" ] || return 1
    echo "going on without: what needs it is skipped"
  fi
  go mod download
}

phase_format() {
  local bad file
  bad=$(files '*.go' | xargs gofmt -l)
  [ -z "$bad" ] || { printf 'not formatted by gofmt:\n%s\n' "$bad"; return 1; }
  go build -o "$work/templ" github.com/a-h/templ/cmd/templ
  mkdir -p "$work/templates"
  files '*.templ' | tar -cf - -T - | tar -xf - -C "$work/templates"
  "$work/templ" generate -path "$work/templates" -log-level error
  for file in $(files '*.templ'); do
    # The generator writes the template's path as seen from where it ran: no difference that matters.
    sed 's#FileName: `[^`]*/#FileName: `#' "$work/templates/${file%.templ}_templ.go" >"$work/generated"
    sed 's#FileName: `[^`]*/#FileName: `#' "${file%.templ}_templ.go" | cmp -s - "$work/generated" ||
      { echo "not generated from its template as it is now: ${file%.templ}_templ.go"; bad=1; }
  done
  [ -z "$bad" ]
}

files() { # the files of a pattern that git knows or would add, and that are there
  git ls-files -co --exclude-standard "$1" | while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done
}

phase_vet() { go vet ./...; }

phase_build() { go build ./... && binary; }

binary() { [ -x "$BELLWETHER_BINARY" ] || go build -buildvcs=false -o "$BELLWETHER_BINARY" ./cmd/bellwether; }

phase_unit() { go_test unit -timeout 10m; }
phase_store() { go_test store -timeout 10m; }
# The labs of the journal mostly wait, for the lease of a program that died: six wait at once.
phase_journal() { binary && go_test journal -p 1 -parallel 6 -timeout 30m; }
phase_program() { binary && go_test program -timeout 10m; }
phase_browser() { binary && go_test browser -p 1 -timeout 20m; }

phase_lab() {
  local name
  if [ ! -x "$shared/lab/gotosocial/start.sh" ]; then
    echo "no lab at $shared/lab"
    [ -z "${CI:-}" ] || return 1
  else
    for name in gotosocial bluesky nostr wordpress; do
      lab_up "$name" && continue
      echo "$name" >>"$work/started"
      "$shared/lab/$name/start.sh" >"$work/$name.ready" || return 1
    done
  fi
  # What the networks' own packages prove on these servers, and then the whole program with them.
  go_test live -p 1 -run '^TestReal' -timeout 10m
  binary && go_test lab -p 1 -timeout 20m
}

lab_up() { # is the server of this name running and answering?
  local health accept='*/*'
  case $1 in gotosocial) health=/readyz ;; bluesky) health=/xrpc/_health ;; nostr) health=/ accept=application/nostr+json ;; wordpress) health=/wp-json/ ;; esac
  [ -f "$lab_dir/$1.json" ] && curl -sf -o /dev/null --max-time 5 -H "Accept: $accept" "$(jq -r .baseURL "$lab_dir/$1.json")$health"
}

failed=()
report=""
for p in "${phases[@]}"; do
  printf '\n== %s\n' "$p"
  from=$SECONDS
  code=0
  # Not in a condition: there, a failing command in the middle of a phase would not end it.
  set +e
  (set -e; "phase_$p")
  code=$?
  set -e
  report+=$(printf '%8d s  %-8s %s' $((SECONDS - from)) "$p" "$([ $code = 0 ] && echo ok || echo FAILED)")$'\n'
  if [ $code != 0 ]; then
    failed+=("$p")
    # Without these the rest can only repeat the same complaint.
    case $p in setup | build) break ;; esac
  fi
done

printf '\n== phases\n%s' "$report"
if [ ${#failed[@]} != 0 ]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
