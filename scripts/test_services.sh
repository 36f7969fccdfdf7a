#!/usr/bin/env bash
# Brings the programs that tests need from the distribution, when it may (root on Debian or Ubuntu), and says what it
# could not bring. Quick when all are there. Never fails: the tests that miss something say so themselves.

set -euo pipefail

# COMMAND:PACKAGE
readonly NEEDED=(strace:strace shellcheck:shellcheck initdb:postgresql)

is_there() { # COMMAND
  command -v "$1" >/dev/null && return
  # Debian keeps the programs of PostgreSQL's servers out of the way, by version.
  [[ "$1" == initdb ]] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

find_missing() {
  local one
  for one in "${NEEDED[@]}"; do
    is_there "${one%%:*}" || printf '%s\n' "${one#*:}"
  done
}

may_install() { ((EUID == 0)) && command -v apt-get >/dev/null; }

bring() { # PACKAGE...
  export DEBIAN_FRONTEND=noninteractive
  # The lists of a long-lived machine are often good enough, and fetching them takes longer than the packages.
  apt-get install -y --no-install-recommends "$@" && return
  apt-get update && apt-get install -y --no-install-recommends "$@"
}

main() {
  local missing log
  mapfile -t missing < <(find_missing)
  if ((${#missing[@]} == 0)); then return; fi
  if may_install; then
    log="$(mktemp)"
    bring "${missing[@]}" >"$log" 2>&1 || tail -n 5 -- "$log" >&2
    rm -f -- "$log"
  fi
  mapfile -t missing < <(find_missing)
  if ((${#missing[@]})); then
    printf 'missing: %s\n   mend: sudo apt-get install -y %s\n' "${missing[*]}" "${missing[*]}" >&2
  fi
}

main "$@"
