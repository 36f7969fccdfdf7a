#!/usr/bin/env bash
# Builds a development environment in .venv and runs every check. What could not run is listed as NOT RUN, and is a
# failure under CARREL_TEST_REQUIRE=all; but for tests that need a GPU, on a machine that has none.

set -euo pipefail

ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly VENV="$ROOT/.venv"
readonly CLIENTS="$ROOT/.venv-clients"
# The first time, up to four minutes of these go into the two environments, each with torch.
readonly BUDGET_S=3600
FAST=no REPORTS="" COUNTS="" CLIENTS_BUILD="" FAILED=() NOT_RUN=() WITHOUT_GPU=()

usage() {
  cat <<'USAGE'
Usage: bash scripts/test.sh [--fast]

  --fast   leave out the tests that are marked slow
  --help   this text

CARREL_TEST_REQUIRE=all makes everything that could not run a failure.
USAGE
}

parse_options() {
  while (($#)); do
    case "$1" in
      --fast) FAST=yes ;;
      --help | -h) usage && exit 0 ;;
      *) printf 'unknown option %s\n\n' "$1" >&2 && usage >&2 && exit 2 ;;
    esac
    shift
  done
}

give_home() {
  if [[ -z "${HOME:-}" || ! -w "${HOME:-}" ]]; then
    # Somewhere the engine's wheel must be kept.
    HOME="$ROOT/build/home" && mkdir -p -- "$HOME"
  fi
  export HOME
}

# ---- the environment -----------------------------------------------------------------------------------------------

stamp_of() { # PYTHON
  { "$1" -VV && cat -- "$ROOT"/packaging/{constraints.txt,torch.sh} "$ROOT/pyproject.toml" && printf '%s' "$ROOT"; } |
    sha256sum
}

is_current() { [[ -x "$VENV/bin/python" && "$(cat -- "$VENV/stamp" 2>/dev/null)" == "$(stamp_of "$1")" ]]; }

build_environment() { # PYTHON
  local wheels="$REPORTS/wheels" log="$REPORTS/pip.log"
  printf 'building .venv; the first time the engine is compiled, which takes 1 to 10 minutes\n'
  rm -f -- "$VENV/stamp"
  bash "$ROOT/packaging/install.sh" --build-wheel "$wheels" --cpu
  "$1" -m venv --clear -- "$VENV"
  { processors_torch "$VENV" && install_packages "$wheels"/llama_cpp_python-*.whl; } >"$log" 2>&1 ||
    { tail -n 20 -- "$log" >&2 && exit 1; }
  stamp_of "$1" >"$VENV/stamp"
}

# Before the rest: pip alone would take PyPI's build, which is CUDA's gigabytes.
processors_torch() { # VENV
  bash "$ROOT/packaging/install.sh" --torch-into "$1"
}

install_packages() { # WHEEL OF THE ENGINE
  # Relative names: pip splits these variables at spaces.
  PIP_CONSTRAINT=packaging/constraints.txt PIP_BUILD_CONSTRAINT=packaging/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
    "$VENV/bin/pip" install --quiet --prefer-binary --editable '.[dev,torch]' "$1"
}

environment() {
  local python
  python="$(bash "$ROOT/packaging/install.sh" --find-python)"
  if is_current "$python"; then return; fi
  build_environment "$python"
}

# The clients that tests/clients drives: what they drag in must not mix with what Carrel needs.
clients_stamp() { # PYTHON
  { "$1" -VV && cat -- "$ROOT"/packaging/*-clients.txt && printf '%s' "$ROOT"; } | sha256sum
}

install_clients() {
  PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore "$CLIENTS/bin/pip" install --quiet --prefer-binary \
    --requirement packaging/requirements-clients.txt --constraint packaging/constraints-clients.txt
}

clients_environment() {
  local python log="$REPORTS/pip-clients.log"
  python="$(bash "$ROOT/packaging/install.sh" --find-python)"
  if [[ -x "$CLIENTS/bin/python" && "$(cat -- "$CLIENTS/stamp" 2>/dev/null)" == "$(clients_stamp "$python")" ]]; then
    return
  fi
  "$python" -m venv --clear -- "$CLIENTS"
  { processors_torch "$CLIENTS" && install_clients; } >"$log" 2>&1 || { tail -n 20 -- "$log" >&2 && return 1; }
  clients_stamp "$python" >"$CLIENTS/stamp"
}

# It is loaded and unpacked for minutes: while other checks run.
begin_clients_environment() {
  clients_environment &
  CLIENTS_BUILD=$!
}

end() {
  # What a shell puts in the background does not hear Ctrl-C.
  if [[ -n "$CLIENTS_BUILD" ]]; then
    { pkill --parent "$CLIENTS_BUILD"; kill "$CLIENTS_BUILD"; } 2>/dev/null || true
  fi
  rm -rf -- "$REPORTS"
}

# ---- checks --------------------------------------------------------------------------------------------------------

step() { # NAME COMMAND...
  local name="$1" started=$SECONDS code=0
  shift
  printf '== %s\n' "$name"
  "$@" || code=$?
  printf '== %s: %s, %d s\n\n' "$name" "$( ((code)) && printf 'FAILED' || printf 'ok')" $((SECONDS - started))
  if ((code)); then FAILED+=("$name"); fi
}

lint_shell() {
  if ! command -v shellcheck >/dev/null; then NOT_RUN+=("shellcheck is not installed") && return; fi
  find "$ROOT/packaging" "$ROOT/scripts" -name '*.sh' -exec shellcheck {} + && shellcheck --shell=bash "$ROOT/.ci/run"
}

run_tests() { # NAME PYTEST ARGUMENTS...
  local code=0
  "$VENV/bin/pytest" --quiet --junit-xml "$REPORTS/$1.xml" "${@:2}" || code=$?
  # 5: nothing was selected
  ((code == 5)) || return $code
}

run_clients() {
  local build="$CLIENTS_BUILD"
  CLIENTS_BUILD=""
  wait "$build" && "$CLIENTS/bin/python" -m pytest --quiet -c tests/clients/pytest.ini --rootdir "$ROOT" \
    --junit-xml "$REPORTS/clients.xml" -s tests/clients
}

static_checks() {
  step "ruff check" "$VENV/bin/ruff" check .
  step "ruff format" "$VENV/bin/ruff" format --check .
  step "mypy" "$VENV/bin/mypy"
  step "import-linter" "$VENV/bin/lint-imports"
  step "bandit" "$VENV/bin/bandit" --quiet --recursive --severity-level medium --configfile pyproject.toml appliance tui
  step "shellcheck" lint_shell
}

tests() {
  step "tests" run_tests quick -m "not slow" --numprocesses auto
  if [[ $FAST == yes ]]; then return; fi
  # They wait for processes as much as they compute, and start several of their own.
  step "slow tests" run_tests slow -m slow --numprocesses 3 --dist loadfile --timeout 400
  step "clients" run_clients
}

# pytest's reports name every skip; tests that miss something of the machine begin their reason with NOT RUN.
read_reports() {
  local lines
  mapfile -t lines < <("$VENV/bin/python" scripts/read_test_reports.py "$REPORTS"/*.xml)
  COUNTS="${lines[0]}"
  local line
  for line in "${lines[@]:1}"; do
    if [[ "$line" == "no GPU: "* ]]; then WITHOUT_GPU+=("$line"); else NOT_RUN+=("$line"); fi
  done
}

# ---- the end -------------------------------------------------------------------------------------------------------

report() {
  local one
  for one in "${NOT_RUN[@]}" "${WITHOUT_GPU[@]}"; do printf 'NOT RUN: %s\n' "$one"; done
  if [[ $FAST == yes ]]; then printf 'NOT RUN: slow tests and clients (--fast)\n'; fi
  if ((${#NOT_RUN[@]})) && [[ "${CARREL_TEST_REQUIRE:-}" == all ]]; then FAILED+=("everything must run"); fi
  printf '%s\n' "$COUNTS"
  printf 'took %d s of the %d s that all checks may take\n' $SECONDS $BUDGET_S
  if ((${#FAILED[@]} == 0)); then printf 'all checks passed\n' && return; fi
  for one in "${FAILED[@]}"; do printf 'FAILED: %s\n' "$one"; done
  return 1
}

main() {
  parse_options "$@"
  cd -- "$ROOT"
  # Else each of thousands of processes compiles the whole program for itself.
  unset PYTHONDONTWRITEBYTECODE
  give_home
  REPORTS="$(mktemp -d)"
  trap end EXIT
  printf '== environment\n'
  environment
  printf '== environment: ok, %d s\n\n' $SECONDS
  if [[ $FAST == no ]]; then begin_clients_environment; fi
  bash scripts/test_services.sh
  static_checks
  tests
  read_reports
  report
}

main "$@"
