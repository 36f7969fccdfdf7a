#!/usr/bin/env bash
# Brings the programs that tests need from the distribution, when it may (root on Debian or Ubuntu), and says what it
# could not bring. Quick when all are there. Never fails: the tests that miss something say so themselves.

set -euo pipefail

# COMMAND:PACKAGE
readonly NEEDED=(
  strace:strace shellcheck:shellcheck initdb:postgresql
  chromium:chromium tmux:tmux ssh:openssh-client sshd:openssh-server ss:iproute2 openssl:openssl dejavu:fonts-dejavu-core
  node:nodejs Rscript:r-base-core httr2:r-cran-httr2 jsonlite:r-cran-jsonlite
)

is_there() { # COMMAND
  case "$1" in
    # Debian keeps the programs of PostgreSQL's servers out of the way, by version.
    initdb) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    # Ubuntu's package of that name is a hint at a snap; any of these shows pages.
    chromium) command -v chromium chromium-browser google-chrome >/dev/null ;;
    # Letters for Chromium, which has none of its own.
    dejavu) compgen -G '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' >/dev/null ;;
    httr2 | jsonlite) compgen -G "/usr/l*/R/*library/$1" >/dev/null || compgen -G "/usr/local/lib/R/*library/$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

find_missing() {
  local one
  for one in "${NEEDED[@]}"; do
    is_there "${one%%:*}" || printf '%s\n' "${one#*:}"
  done
}

may_install() { ((EUID == 0)) && command -v apt-get >/dev/null; }

# Tests start their own server; that of the package would let people in from outside.
keep_ssh_closed() {
  if [[ -d /run/systemd/system ]]; then systemctl disable --now ssh.service ssh.socket || true; fi
}

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
    if [[ " ${missing[*]} " == *" openssh-server "* ]]; then keep_ssh_closed >>"$log" 2>&1; fi
    rm -f -- "$log"
  fi
  mapfile -t missing < <(find_missing)
  if ((${#missing[@]})); then
    printf 'missing: %s\n   mend: sudo apt-get install -y %s\n' "${missing[*]}" "${missing[*]}" >&2
  fi
}

main "$@"
