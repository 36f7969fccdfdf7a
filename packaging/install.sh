#!/usr/bin/env bash
# Installs, upgrades, repairs and removes Carrel.
#
# Owns: the preflight, llama.cpp's wheel, the program's own environment, the places of a new box, the system unit, and
# the journal of everything that was created, from which --uninstall works backwards. Leaves to torch.sh: the second
# engine; to bundle.sh: sticks; to first_model.sh: what --demo and --model do after it. Leaves to `carrel`: settings,
# models, keys, starting and stopping.
#
# All of it runs from main at the end, so a copy that was cut off while it was fetched does nothing.

set -euo pipefail
umask 022
# Another environment's leftovers would change what is installed, or where.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_REQUIREMENT
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

SOURCE="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
readonly SOURCE
readonly LLAMA_VERSION=0.3.36
readonly NEEDED_PROGRAM_MIB=400 NEEDED_BUILD_MIB=1500 NEEDED_MODELS_MIB=200 NEEDED_MEMORY_MIB=1800
readonly UNIT_FILE=/etc/systemd/system/carrel.service
readonly SERVICE_USER=carrel
# Folders beside the settings that the program makes when it needs them.
readonly OWN_SETTINGS=(recipes licenses catalogs upstreams)
readonly KEPT_MARK=.kept-by-carrel-uninstall

MODE=install FIRST=none YES=no DRY_RUN=no KEEP_DATA=no PORTABLE=no CPU_ONLY=no
PREFIX="" PREFIX_GIVEN="" MODELS_DIR="" WHEELHOUSE="" BUILD_WHEEL_DIR=""
SYSTEM=no UNIT=no UNIT_USER=root LINK="" CACHE="" JOURNAL="" PID_FILE="" VERSION=""
PYTHON="" PYTHON_FOUND="" NVCC="" CUDA_ARCHITECTURES="" VARIANT="" LLAMA_WHEEL=""
PORT="${CARREL_PORT:-7411}" PORT_STATE=free
WORK="" FILL_DIR="" TORCH_VENV="" NEW_VENV="" PREVIOUS="" RUNNING_JOB="" STOP_ASKED=no WAS_RUNNING=no FAILURES=0
PACKAGES=() PLACES=()

usage() {
  cat <<'USAGE'
Usage: bash packaging/install.sh [options]

  (no option)        install, or upgrade and repair what is installed; nothing is started
  --demo             install, start the box with the bundled demo model and ask it a question
  --model [ID]       install, start the box, get the model ID, run it and ask it a question; without ID it shows
                     which models fit and asks. What goes with it:
    --accept-license HASH    accept the license text with this hash, which `carrel license show ID` prints
    --accept-as "NAME, ROLE" who accepts it and by which authority
    --purpose TEXT           what the model is for
    --sign-conduct HASH      sign the code of conduct with this hash, which `carrel agreement show` prints; models
                             of tier registered and above want that
    --trust-key THUMBPRINT   with --bundle: approve for this lab what that key signed
  --bundle DIR       take program, packages, Python and models from the bundle in DIR: no network, no compiler
  --prefix DIR       put the program under DIR, the command at DIR/bin/carrel; no link outside DIR
  --models-dir DIR   keep model files in DIR
  --wheelhouse DIR   take the engine's wheel, and any other that fits, from DIR
  --fill-wheelhouse DIR
                     fetch into DIR all that an install needs, for a machine without a network; install nothing
  --fill-program DIR put into DIR the program as a bundle holds it, with a Python, and install nothing
  --python FILE      with --fill-program: take this Python (a folder, or a tar of python-build-standalone)
  --portable         build the engine for any processor of this kind, not only for this machine's
  --cpu              build the engine without CUDA, even where it could have it
  --with-torch       also install the engine for models in full precision: for CUDA where GPUs are, else for the
                     processor
  --without-torch    leave it out; without either option a machine with NVIDIA GPUs gets it, and an upgrade keeps
                     what there is
  --yes              do not ask; as root on Debian and Ubuntu also install missing packages
  --dry-run          show the checks and every step and path, change nothing
  --uninstall        remove what the journal says was created, data included
  --keep-data        with --uninstall: keep models, ledger and settings
  --help             this text

CARREL_HOME=DIR puts settings, data, models and logs under DIR.
As root without it: /opt/carrel, /etc/carrel, /var/lib/carrel and, where systemd runs, carrel.service.
USAGE
}

# ---- words on the screen -------------------------------------------------------------------------------------------

paint() { # COLOR TEXT
  if [[ -t 1 && -z "${NO_COLOR:-}" && "${TERM:-dumb}" != dumb ]]; then
    printf '\033[%sm%s\033[0m' "$1" "$2"
  else
    printf '%s' "$2"
  fi
}

say() { printf '%s\n' "$*"; }
field() { printf '  %-10s %s\n' "$1" "$2"; }
warn() { printf '%s %s\n' "$(paint 33 "WARN ")" "$*" >&2; }

die() { # MESSAGE...; each argument is a line
  printf '%s %s\n' "$(paint 31 "error")" "$1" >&2
  shift
  local line
  for line in "$@"; do printf '      %s\n' "$line" >&2; done
  exit 1
}

check() { # STATE WHAT TEXT [COMMAND THAT MENDS IT]
  local color=32
  case "$1" in WARN) color=33 ;; FAIL) color=31 FAILURES=$((FAILURES + 1)) ;; esac
  printf '  %s %-10s %s\n' "$(paint $color "$(printf '%-4s' "$1")")" "$2" "$3"
  if [[ -n "${4:-}" ]]; then printf '  %-15s mend: %s\n' "" "$4"; fi
}

minutes() { # SECONDS
  if (($1 >= 60)); then printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

# ---- options -------------------------------------------------------------------------------------------------------

refuse_usage() {
  printf 'error %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

take_text() { # VARIABLE OPTION TEXT
  [[ -n "${3:-}" && "$3" != *[[:cntrl:]]* ]] || refuse_usage "$2 needs a text"
  printf -v "$1" '%s' "$3"
}

take_folder() { # VARIABLE OPTION DIR
  [[ -n "${3:-}" && "$3" != -* ]] || refuse_usage "$2 needs a folder"
  [[ "$3" != *[[:cntrl:]]* ]] || refuse_usage "$2 has a control character in its name"
  printf -v "$1" '%s' "$(realpath -m -- "$3")"
}

parse_options() {
  while (($#)); do
    case "$1" in
      --demo) FIRST=demo ;;
      --yes) YES=yes ;;
      --dry-run) DRY_RUN=yes ;;
      --uninstall) MODE=uninstall ;;
      --keep-data) KEEP_DATA=yes ;;
      --model)
        FIRST=model
        if [[ -n "${2:-}" && "$2" != -* ]]; then take_text MODEL "$@" && shift; fi
        ;;
      --accept-license) take_text LICENSE_HASH "$@" && shift ;;
      --accept-as) take_text LICENSE_AS "$@" && shift ;;
      --purpose) take_text LICENSE_PURPOSE "$@" && shift ;;
      --sign-conduct) take_text CONDUCT_HASH "$@" && shift ;;
      --trust-key) take_text TRUST_KEY "$@" && shift ;;
      --bundle) take_folder BUNDLE "$@" && shift ;;
      --fill-program) take_folder PROGRAM_DIR "$@" && MODE=fill-program && shift ;;
      --python) take_folder PYTHON_GIVEN "$@" && shift ;;
      --portable) PORTABLE=yes ;;
      --cpu) CPU_ONLY=yes ;;
      --with-torch) TORCH_WISH=with ;;
      --without-torch) TORCH_WISH=without ;;
      --prefix) take_folder PREFIX "$@" && shift ;;
      --models-dir) take_folder MODELS_DIR "$@" && shift ;;
      --wheelhouse) take_folder WHEELHOUSE "$@" && shift ;;
      --fill-wheelhouse) take_folder FILL_DIR "$@" && MODE=fill && shift ;;
      # For scripts/test.sh, which needs the same Python, the same wheel and the processor's build of torch.
      --torch-into) take_folder TORCH_VENV "$@" && MODE=torch-into && shift ;;
      --build-wheel) take_folder BUILD_WHEEL_DIR "$@" && MODE=build-wheel && shift ;;
      --find-python) MODE=find-python ;;
      --help | -h) usage && exit 0 ;;
      *) refuse_usage "unknown option $1" ;;
    esac
    shift
  done
  [[ $KEEP_DATA == no || $MODE == uninstall ]] || refuse_usage "--keep-data goes with --uninstall"
  [[ $FIRST == none || $MODE == install ]] || refuse_usage "--$FIRST does not go with --uninstall"
  [[ -z "$PYTHON_GIVEN" || ($MODE == fill-program && -r "$PYTHON_GIVEN") ]] ||
    refuse_usage "--python goes with --fill-program, and there must be something at $PYTHON_GIVEN"
  check_first_model
  [[ -z "$WHEELHOUSE" || (-d "$WHEELHOUSE" && -r "$WHEELHOUSE" && -x "$WHEELHOUSE") ]] ||
    refuse_usage "there is no folder $WHEELHOUSE, or it cannot be read"
}

# ---- places --------------------------------------------------------------------------------------------------------

find_home() {
  local own
  own="$(getent passwd "$(id -u)" | cut -d: -f6 || true)"
  # sudo may leave root with the HOME of the user: root-owned files do not belong there.
  if [[ -z "${HOME:-}" || ! -d "$HOME" ]] || ( ((EUID == 0)) && [[ ! -O "$HOME" ]]); then HOME="${own:-/}"; fi
  export HOME
}

decide_places() {
  find_home
  CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/carrel"
  export PIP_CACHE_DIR="${PIP_CACHE_DIR:-$CACHE/pip}"
  VERSION="$(own_version)"
  decide_prefix
  # An upgrade belongs to the box that was installed, whatever this shell knows of it.
  if [[ -z "${CARREL_HOME:-}" ]]; then CARREL_HOME="$(sed -n 's/^home //p' "$PREFIX/version" 2>/dev/null || true)"; fi
  if ((EUID == 0)) && [[ -z "$CARREL_HOME" ]]; then SYSTEM=yes; fi
  if [[ $SYSTEM == yes && -d /run/systemd/system ]] && command -v systemctl >/dev/null; then UNIT=yes; fi
  JOURNAL="$PREFIX/install-journal"
  decide_data_places
}

decide_prefix() {
  if [[ -n "$PREFIX" ]]; then
    printf -v PREFIX_GIVEN '%q' "$PREFIX"
  elif ((EUID == 0)); then
    PREFIX=/opt/carrel LINK=/usr/local/bin/carrel
  else
    PREFIX="${XDG_DATA_HOME:-$HOME/.local/share}/carrel-app" LINK="$HOME/.local/bin/carrel"
  fi
}

# PLACES holds KIND:PATH; "data" outlives --uninstall --keep-data, "tree" does not. The paths are those of
# appliance/config/places.py.
decide_data_places() {
  local config data state models one
  if [[ -n "$CARREL_HOME" ]]; then
    take_folder CARREL_HOME CARREL_HOME "$CARREL_HOME"
    export CARREL_HOME
    PLACES=("data:$CARREL_HOME/carrel.toml" "data:$CARREL_HOME/data" "data:$CARREL_HOME/models")
    PLACES+=("tree:$CARREL_HOME/run" "tree:$CARREL_HOME/log")
    for one in "${OWN_SETTINGS[@]}"; do PLACES+=("data:$CARREL_HOME/$one"); done
    models="$CARREL_HOME/models" PID_FILE="$CARREL_HOME/run/gateway.pid"
  elif [[ $SYSTEM == yes ]]; then
    PLACES=(data:/etc/carrel data:/var/lib/carrel tree:/var/log/carrel tree:/run/carrel)
    models=/var/lib/carrel/models PID_FILE=/run/carrel/gateway.pid
  else
    config="${XDG_CONFIG_HOME:-$HOME/.config}/carrel" data="${XDG_DATA_HOME:-$HOME/.local/share}/carrel"
    state="${XDG_STATE_HOME:-$HOME/.local/state}/carrel"
    PLACES=("data:$config" "data:$data" "tree:$state")
    models="$data/models" PID_FILE="$state/run/gateway.pid"
  fi
  if [[ -n "$MODELS_DIR" ]]; then PLACES+=("data:$MODELS_DIR"); fi
  MODELS_DIR="${MODELS_DIR:-$models}"
}

above() { # the nearest folder of PATH that exists
  local one="$1"
  until [[ -d "$one" ]]; do one="$(dirname -- "$one")"; done
  printf '%s' "$one"
}

reachable_by_all() { # may any user get to this file?
  local one
  one="$(realpath -m -- "$1")"
  while [[ "$one" != / ]]; do
    [[ ! -e "$one" || "$(stat -c %A -- "$one")" == *[xt] ]] || return 1
    one="$(dirname -- "$one")"
  done
}

# ---- preflight -----------------------------------------------------------------------------------------------------

on_debian() { command -v apt-get >/dev/null && [[ -e /etc/debian_version ]]; }
need() { PACKAGES+=("$@"); }

apt_line() {
  if on_debian; then
    printf 'sudo apt-get install -y %s' "$*"
  else
    printf "your distribution's packages for: %s" "$*"
  fi
}

check_system() {
  local name machine
  # shellcheck source=/dev/null
  name="$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}")"
  machine="$(uname -m)"
  if [[ "$(uname -s)" != Linux ]]; then check FAIL system "$(uname -s): Carrel runs on Linux"; return; fi
  case "$machine" in
    x86_64 | aarch64) check OK system "${name:-Linux}, $machine" ;;
    *) check WARN system "${name:-Linux}, $machine: untried; x86_64 and aarch64 are known to work" ;;
  esac
}

# Prints "VERSION STATE PATH" of a Python; nothing when it does not run at all (a pyenv shim, a broken link).
probe_python() {
  local candidate
  candidate="$(command -v -- "$1")" || return 0
  "$candidate" - 2>/dev/null <<'PROBE' || true
import importlib.util, os, sys
known = (3, 11) <= sys.version_info[:2] < (3, 14)
missing = [one for one in ("venv", "ensurepip", "ssl", "sqlite3") if importlib.util.find_spec(one) is None]
state = "version" if not known else ",".join(missing) or "ok"
print("%d.%d.%d" % sys.version_info[:3], state, os.path.realpath(sys.executable))
PROBE
}

find_python() {
  local candidate version state path fallback=""
  local candidates=(python3.13 python3.12 python3.11 python3)
  # The service's own user must reach its Python; one under /root is the last choice.
  if [[ $UNIT == yes ]]; then candidates=(/usr/bin/python3.1{3,2,1} "${candidates[@]}"); fi
  PYTHON="" PYTHON_FOUND=""
  for candidate in "${candidates[@]}"; do
    read -r version state path <<<"$(probe_python "$candidate")" || true
    if [[ -z "$version" ]]; then continue; fi
    PYTHON_FOUND+="${PYTHON_FOUND:+; }$version at $path ($state)"
    if [[ "$state" != ok ]]; then continue; fi
    if [[ $UNIT == no ]] || reachable_by_all "$path"; then PYTHON="$path" && return; fi
    fallback="${fallback:-$path}"
  done
  PYTHON="$fallback"
}

mend_python() {
  if [[ "$PYTHON_FOUND" =~ 3\.(1[1-3])\.[0-9]+\ at\ [^\;]*\((venv|ensurepip)[^\;]*\) ]]; then
    apt_line "python3.${BASH_REMATCH[1]}-venv"
  elif grep -qi '^ID=ubuntu' /etc/os-release 2>/dev/null; then
    printf '%s && %s' 'sudo add-apt-repository -y ppa:deadsnakes/ppa' "$(apt_line python3.12 python3.12-venv)"
  else
    printf '%s   (or, with uv: uv python install 3.12)' "$(apt_line python3 python3-venv)"
  fi
}

check_python() {
  if brings_python; then check_python_of_bundle && return; fi
  find_python
  if [[ -n "$PYTHON" ]]; then
    check OK python "$("$PYTHON" -c 'import platform; print(platform.python_version())') at $PYTHON"
  elif [[ -z "$PYTHON_FOUND" ]]; then
    need python3 python3-venv
    check FAIL python "none found; Carrel needs 3.11, 3.12 or 3.13" "$(mend_python)"
  else
    if [[ "$PYTHON_FOUND" =~ 3\.(1[1-3])\.[0-9]+\ at\ /usr/bin ]]; then need "python3.${BASH_REMATCH[1]}-venv"; fi
    check FAIL python "found ${PYTHON_FOUND//(version)/(wrong version)}; Carrel needs 3.11, 3.12 or 3.13 with venv" \
      "$(mend_python)"
  fi
}

check_engine() {
  decide_variant
  find_llama_wheel
  choose_cuda_wheel
  if [[ -n "$LLAMA_WHEEL" ]]; then
    check OK engine "wheel at $LLAMA_WHEEL: nothing to compile"
    if ! brings_python && lacks_library libgomp.so.1; then
      need libgomp1
      check FAIL engine "its OpenMP library is missing" "$(apt_line libgomp1)"
    fi
    return
  fi
  check_compiler
}

# ldconfig is not in the PATH of ordinary users; where there is none nothing is known, and the trial run tells.
lacks_library() {
  local known
  known="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" || return 1
  [[ "$known" != *"$1"* ]]
}

check_compiler() {
  if command -v c++ >/dev/null && command -v cc >/dev/null; then
    check OK compiler "$(c++ --version | head -n 1); the engine is compiled once, 1 to 10 minutes"
  else
    need gcc g++ libc6-dev
    check FAIL compiler "no C and C++ compiler; the engine is compiled here once" "$(apt_line gcc g++ libc6-dev)"
  fi
  if command -v cmake >/dev/null; then
    check OK cmake "$(cmake --version | head -n 1)"
  else
    check OK cmake "not here and not needed: the build takes it from the package index"
  fi
}

check_disk() { # WHAT DIR NEEDED_MIB
  local free
  free="$(df -Pk -- "$(above "$2")" | awk 'NR == 2 { print int($4 / 1024) }')"
  if ((free >= $3)); then
    check OK disk "$free MiB free for $1 at $2"
  else
    check FAIL disk "$free MiB free for $1 at $2; it needs $3 MiB" "free some space, or name another place"
  fi
}

check_memory() {
  local total
  total="$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
  if ((total >= NEEDED_MEMORY_MIB)); then
    check OK memory "$total MiB"
  else
    check WARN memory "$total MiB: enough for the demo model only"
  fi
}

ask_gpus() { nvidia-smi "--query-gpu=$1" --format=csv,noheader 2>/dev/null || true; }

check_gpus() {
  local found mend
  found="$(ask_gpus name,driver_version | sort | uniq -c | sed 's/^ *//; s/ / x /' || true)"
  if [[ -z "$found" ]]; then
    check OK gpu "no NVIDIA GPU: models run on the processor"
  elif [[ $CPU_ONLY == yes ]]; then
    check OK gpu "${found//$'\n'/; }: not used (--cpu)"
  elif [[ -n "$CUDA_ARCHITECTURES" ]]; then
    check OK gpu "${found//$'\n'/; }; CUDA compiler $NVCC"
  else
    mend="$(apt_line nvidia-cuda-toolkit)   (or NVIDIA's toolkit), then run this again"
    check WARN gpu "${found//$'\n'/; }; no CUDA compiler (nvcc): llama.cpp's models run on the processor" "$mend"
  fi
}

check_port() {
  if running_box >/dev/null; then
    PORT_STATE=ours
    check OK port "$PORT is Carrel's own: it runs, and is restarted"
  elif (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
    PORT_STATE=taken
    check WARN port "$PORT is in use by another program (--demo takes the next free one)" "carrel config set port 7412"
  else
    check OK port "$PORT is free"
  fi
}

check_source() {
  if [[ -z "$VERSION" || (! -f "$SOURCE/pyproject.toml" && -z "$(own_wheel)") ]]; then
    check FAIL source "$SOURCE is not Carrel's source tree" "run packaging/install.sh from inside it"
  fi
}

check_start_at_boot() {
  if [[ $UNIT == yes ]]; then
    decide_unit_user
    if [[ $UNIT_USER == root ]]; then
      check WARN service "carrel.service will run as root: the user $SERVICE_USER cannot reach $PYTHON or $PREFIX" \
        "install a Python under /usr and use a prefix that all may enter"
    else
      check OK service "carrel.service, user $UNIT_USER"
    fi
  elif [[ $SYSTEM == yes ]]; then
    check WARN service "systemd does not run here: the box will not come back by itself after a reboot"
  fi
}

preflight() {
  FAILURES=0 PACKAGES=()
  say "Carrel ${VERSION:-?}: checks"
  check_source
  check_system
  check_bundle
  check_python
  find_cuda
  check_engine
  check_torch
  check_disk program "$PREFIX" "$(needed_program_mib)"
  check_disk_of_fetching
  check_disk models "$MODELS_DIR" $NEEDED_MODELS_MIB
  if [[ -z "$LLAMA_WHEEL" ]]; then check_disk "the build" "${TMPDIR:-/tmp}" $NEEDED_BUILD_MIB; fi
  check_memory
  check_gpus
  check_port
  check_start_at_boot
}

may_install_packages() {
  ((EUID == 0 && ${#PACKAGES[@]} > 0)) && on_debian && [[ $YES == yes || $FIRST != none ]]
}

mend_with_packages() {
  local arguments=(install -y --no-install-recommends "${PACKAGES[@]}")
  export DEBIAN_FRONTEND=noninteractive
  say ""
  if ! run_step "packages: ${PACKAGES[*]}" apt-get "${arguments[@]}"; then
    run_step "package lists" apt-get update || die "apt-get update failed; its last words are above."
    run_step "packages: ${PACKAGES[*]}" apt-get "${arguments[@]}" || die "apt-get could not install them."
  fi
  INSTALLED_PACKAGES="${PACKAGES[*]}"
  say "  (packages stay after --uninstall: other programs may have come to need them)"
  say ""
}
INSTALLED_PACKAGES=""

pass_preflight() {
  local more=""
  preflight
  if ((FAILURES)) && [[ $DRY_RUN == no ]] && may_install_packages; then
    mend_with_packages
    hash -r
    preflight
  fi
  if ((FAILURES == 0)) || [[ $DRY_RUN == yes ]]; then return; fi
  if ((EUID == 0)) && on_debian; then more=" (--yes lets this script install packages)"; fi
  die "$FAILURES of the checks failed; nothing was changed." \
    "Run what stands after 'mend:' and start again${more:-}."
}

# ---- running things ------------------------------------------------------------------------------------------------

begin_work() {
  WORK="$(mktemp -d "${TMPDIR:-/tmp}/carrel-install.XXXXXX")" || die "No folder for temporary files in ${TMPDIR:-/tmp}."
  mkdir -- "$WORK/tmp"
  trap 'interrupted' INT TERM HUP
  trap 'end_work' EXIT
}

# Again and again: who has just been started may not hear the first one. Whoever hears none is killed.
stop_job() { # PROCESS GROUP
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    kill -TERM -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
}

interrupted() {
  trap '' INT TERM HUP
  if [[ -n "$RUNNING_JOB" ]]; then
    stop_job "$RUNNING_JOB"
    wait "$RUNNING_JOB" 2>/dev/null || true
  fi
  printf '\n' >&2
  say "Stopped half way; the same command goes on from here." >&2
  exit 130
}

end_work() {
  local code=$?
  # Half a program goes, the one that the command now runs stays.
  if [[ -n "$NEW_VENV" && ! "$PREFIX/venv" -ef "$NEW_VENV" ]]; then rm -rf -- "$NEW_VENV"; fi
  if ((code == 0 || code == 130)); then
    rm -rf -- "$WORK"
  else
    find "$WORK" -depth -mindepth 1 ! -path "$WORK/*.log" -delete 2>/dev/null || true
    rmdir -- "$WORK" 2>/dev/null || true
  fi
}

progress() { # LABEL SECONDS LOG
  local count=""
  count="$(tail -n 400 -- "$3" 2>/dev/null | grep -o '^ *\[[0-9]*/[0-9]*\]' | tail -n 1 | tr -d ' ' || true)"
  if [[ -t 1 ]]; then
    printf '\r\033[K  ..   %s  %d:%02d  %s' "$1" $(($2 / 60)) $(($2 % 60)) "$count"
  elif (($2 > 0 && $2 % 30 == 0)); then
    printf '  ..   %s  %d:%02d  %s\n' "$1" $(($2 / 60)) $(($2 % 60)) "$count"
  fi
}

# Runs a command in the background, shows that it lives, and shows the end of its log if it fails.
run_step() { # LABEL COMMAND...
  local label="$1" log started shown=-1 code=0
  shift
  log="$WORK/${label%% *}.log" started=$SECONDS
  # A job of its own is a process group: stopping it stops its compilers too. Only this one: the terminal's Ctrl-C
  # must reach this script, not a sleep that leads a group of its own. A Ctrl-C waits until there is a group to stop.
  trap 'STOP_ASKED=yes' INT TERM HUP
  set -m
  "$@" </dev/null >>"$log" 2>&1 9>&- &
  RUNNING_JOB=$!
  set +m
  trap 'interrupted' INT TERM HUP
  if [[ $STOP_ASKED == yes ]]; then interrupted; fi
  while kill -0 "$RUNNING_JOB" 2>/dev/null; do
    if ((SECONDS != shown)); then shown=$SECONDS && progress "$label" $((SECONDS - started)) "$log"; fi
    sleep 0.1
  done
  wait "$RUNNING_JOB" || code=$?
  RUNNING_JOB=""
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
  label="${label#* }: $(minutes $((SECONDS - started)))"
  if ((code == 0)); then check OK "$(basename -- "$log" .log)" "$label" && return; fi
  check FAIL "$(basename -- "$log" .log)" "$label, code $code"
  explain_failure "$log" >&2
  return $code
}

# pip leaves its temporary files behind when it is stopped, and torch a folder when it is imported; here they go with
# the rest of this run's.
tidily() { TMPDIR="$WORK/tmp" "$@"; }

explain_failure() { # LOG
  tail -n 12 -- "$1" | cut -c1-200 | sed 's/^/         | /'
  say "         log: $1"
  if grep -q 'No space left on device' -- "$1"; then
    say "         The disk is full. Free some space, or give another --prefix or TMPDIR:"
    df -h --output=target,avail,iavail -- "$(above "$PREFIX")" "$WORK" |
      awk 'NR > 1 { printf "         %s has %s and %s files free\n", $1, $2, $3 }'
  elif grep -Eq 'ConnectionError|name resolution|ReadTimeout|Connection (refused|reset)|No matching dist' -- "$1"; then
    say "         The package index cannot be reached or lacks something: check the network and pip's settings,"
    say "         or bring the packages in a folder: --wheelhouse DIR."
  fi
}

# ---- the engine's wheel --------------------------------------------------------------------------------------------

find_cuda() {
  local capabilities
  NVCC="" CUDA_ARCHITECTURES=""
  if [[ $CPU_ONLY == yes ]]; then return; fi
  capabilities="$(ask_gpus compute_cap | tr -d '. ' | grep -E '^[0-9]+$' | sort -un | paste -sd ';' || true)"
  NVCC="$(command -v nvcc || true)"
  if [[ -z "$NVCC" && -x /usr/local/cuda/bin/nvcc ]]; then NVCC=/usr/local/cuda/bin/nvcc; fi
  if [[ -n "$NVCC" ]]; then CUDA_ARCHITECTURES="$capabilities"; fi
}

# The folder of the wheel in the cache says what the wheel can run on.
decide_variant() {
  local machine processor
  machine="$(uname -m)"
  if [[ $PORTABLE == yes ]]; then
    VARIANT="portable-$machine"
  else
    processor="$(grep -E -m 3 '^(model name|flags|Features|CPU part)' /proc/cpuinfo || true)"
    # A wheel of before the tiles were mended is not taken again.
    VARIANT="native-$machine-$(printf '%s whole-tiles' "$processor" | sha256sum | cut -c1-12)"
  fi
  if [[ -n "$CUDA_ARCHITECTURES" ]]; then
    VARIANT+="-cuda$("$NVCC" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')-sm${CUDA_ARCHITECTURES//;/_}"
  fi
}

find_llama_wheel() {
  local folder one
  LLAMA_WHEEL=""
  for folder in ${WHEELHOUSE:+"$WHEELHOUSE"} "$CACHE/wheels/$VARIANT"; do
    for one in "$folder/llama_cpp_python-$LLAMA_VERSION-"*"_$(uname -m).whl"; do
      if [[ -f "$one" ]]; then LLAMA_WHEEL="$one" && return; fi
    done
  done
}

cmake_arguments() {
  local arguments=(-DLLAVA_BUILD=OFF)
  # The sdist forces llama.cpp's "common" library on: a third of the objects, none of which a Python program loads.
  # Only a plain variable, set from inside the project, is stronger than its forced cache entry.
  { printf 'set(LLAMA_BUILD_COMMON OFF)\n' && whole_tile_configs; } >"$WORK/llama_cpp.cmake"
  arguments+=("-DCMAKE_PROJECT_llama_cpp_INCLUDE=$WORK/llama_cpp.cmake")
  # A wheel holds no links: with versioned names every library would be in it three times.
  arguments+=(-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON)
  # llama.cpp's own install rules would put a second copy into the environment's lib/ and include/.
  arguments+=(-DCMAKE_INSTALL_LIBDIR=llama_cpp/lib -DCMAKE_INSTALL_BINDIR=llama_cpp/lib)
  arguments+=(-DCMAKE_INSTALL_INCLUDEDIR=llama_cpp/include)
  if [[ $PORTABLE == yes ]]; then arguments+=(-DGGML_NATIVE=off); fi
  if [[ -n "$CUDA_ARCHITECTURES" ]]; then
    arguments+=(-DGGML_CUDA=on "-DCMAKE_CUDA_COMPILER=$NVCC" "-DCMAKE_CUDA_ARCHITECTURES=$CUDA_ARCHITECTURES")
  fi
  printf '%s ' "${arguments[@]}"
}

# GCC before 11.5, 12.4, 13.3 and 14 believes that `_tile_loadconfig` reads 8 of its 64 bytes and stores no others
# (GCC PR 114098): on processors with AMX a worker then dies of what the stack held.
whole_tile_configs() {
  cat >"$WORK/amx_tiles.h" <<'HEADER'
#if defined(__GNUC__) && !defined(__clang__) && defined(__AMX_TILE__)
#include <immintrin.h>
static inline void carrel_tile_loadconfig(const void *config) {
  __asm__ volatile("ldtilecfg %0" : : "m"(*(const char(*)[64])config));
}
#define _tile_loadconfig(config) carrel_tile_loadconfig(config)
#endif
HEADER
  printf 'add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-include %s>")\n' "$WORK/amx_tiles.h"
}

# Steps run where `set -e` does not reach, hence the chains.
compile_llama() {
  export CMAKE_ARGS CMAKE_BUILD_PARALLEL_LEVEL
  CMAKE_ARGS="$(cmake_arguments)"
  CMAKE_BUILD_PARALLEL_LEVEL="$(getconf _NPROCESSORS_ONLN)"
  # pip keeps wheels that it built by version alone and would hand back one with other CMake arguments.
  rm -rf -- "${CACHE:?}/pip/wheels" &&
    "$PYTHON" -m venv "$WORK/build-venv" &&
    PIP_CACHE_DIR="$CACHE/pip" "$WORK/build-venv/bin/pip" wheel --verbose --no-deps --no-binary llama-cpp-python \
      ${WHEELHOUSE:+--find-links "$WHEELHOUSE"} \
      --config-settings 'wheel.exclude=llama_cpp/include/**;llama_cpp/lib/cmake/**;llama_cpp/lib/pkgconfig/**' \
      --wheel-dir "$WORK/wheels" "llama-cpp-python==$LLAMA_VERSION" &&
    rm -rf -- "${CACHE:?}/pip/wheels"
}

build_llama_wheel() {
  local folder="$CACHE/wheels/$VARIANT"
  mkdir -p -- "$folder"
  exec 8>"$folder/lock"
  flock 8
  find_llama_wheel
  if [[ -z "$LLAMA_WHEEL" ]]; then
    if ! run_step "engine compiled for $VARIANT" tidily compile_llama 8>&-; then
      die "The engine could not be built." ${CUDA_ARCHITECTURES:+"Try --cpu, which builds it without CUDA."}
    fi
    cp -- "$WORK"/wheels/llama_cpp_python-*.whl "$folder/new.part"
    mv -- "$folder/new.part" "$folder/$(basename -- "$WORK"/wheels/llama_cpp_python-*.whl)"
    find_llama_wheel
  fi
  exec 8>&-
}

pin_builds() {
  # pip asks rustc for its version, and a rustc of rustup would write a new ~/.rustup for that.
  if [[ ! -d "$HOME/.rustup" && -z "${RUSTUP_HOME:-}" ]]; then export RUSTUP_HOME="$WORK/rustup"; fi
  cp -- "$SOURCE/packaging/constraints.txt" "$WORK/constraints.txt"
  pin_torch "$WORK/constraints.txt"
  # The environments in which pip builds take their constraints from these: the first up to pip 25.2, then the other.
  export PIP_CONSTRAINT="$WORK/constraints.txt" PIP_BUILD_CONSTRAINT="$WORK/constraints.txt"
}

# ---- the journal ---------------------------------------------------------------------------------------------------
# One line for each thing that this installer created, in order: KIND<TAB>WHAT. Kinds: dir (removed if empty), tree
# (with all in it), data (a tree that --keep-data spares), file, link, user, unit, note.

journal_has() { [[ -f "$JOURNAL" ]] && grep -qxF -- "$1"$'\t'"$2" "$JOURNAL"; }
journal() { journal_has "$1" "$2" || printf '%s\t%s\n' "$1" "$2" >>"$JOURNAL"; }
mark_of() { if [[ -d "$1" ]]; then printf '%s' "$1/$KEPT_MARK"; else printf '%s' "$1$KEPT_MARK"; fi; }

# Journals what does not exist yet, or what an earlier --uninstall --keep-data left behind. The line comes first: a
# line without its file is harmless, a file without its line would stay for ever.
will_create() { # KIND PATH
  local mark
  mark="$(mark_of "$2")"
  if [[ -e "$mark" ]]; then
    rm -f -- "$mark"
  elif [[ -e "$2" || -L "$2" ]]; then
    return
  fi
  journal "$1" "$2"
}

make_folder() { # PATH; its missing parents too, each with a line in the journal
  local missing=() one="$1"
  until [[ -d "$one" ]]; do missing=("$one" "${missing[@]}") && one="$(dirname -- "$one")"; done
  mkdir -p -- "$1" || die "$1 cannot be made." "Choose another place, or run this as a user who may write there."
  mkdir -p -- "$PREFIX"
  for one in "${missing[@]}"; do journal dir "$one"; done
}

lock_prefix() {
  [[ -w "$PREFIX" ]] || die "$PREFIX cannot be written." "Choose another --prefix, or run this as its owner."
  exec 9>>"$PREFIX/install.lock"
  if ! flock -n 9; then
    say "Another installer is at work on $PREFIX. Try again when it is done." >&2
    exit 75
  fi
}

open_prefix() {
  local cache_is_new=no
  if [[ ! -e "$CACHE" ]]; then cache_is_new=yes; fi
  make_folder "$PREFIX"
  lock_prefix
  touch -- "$JOURNAL"
  if [[ -n "$INSTALLED_PACKAGES" ]]; then journal note "packages $INSTALLED_PACKAGES"; fi
  make_folder "$(dirname -- "$CACHE")"
  if [[ $cache_is_new == yes ]]; then journal tree "$CACHE"; fi
  mkdir -p -- "$CACHE"
}

# ---- the program ---------------------------------------------------------------------------------------------------

carrel() { "$PREFIX/bin/carrel" "$@" 9>&-; }

# A model's answer is shown too: what could steer the terminal stays out.
json_field() { # NAME, of the document on standard input
  "$PREFIX/venv/bin/python" -c '
import json, sys
value = str(json.load(sys.stdin)[sys.argv[1]])
print("".join(one if one.isprintable() else " " for one in value))' "$1"
}

# The process of the box that runs from this prefix; asked of the system, since the program may be what is broken.
running_box() {
  local pid
  pid="$(cat -- "$PID_FILE" 2>/dev/null)" || return 1
  [[ -n "$pid" && -r "/proc/$pid/cmdline" ]] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$PREFIX/" || return 1
  printf '%s' "$pid"
}

stop_box() {
  local pid deadline=$((SECONDS + 90))
  WAS_RUNNING=no
  pid="$(running_box)" || return 0
  WAS_RUNNING=yes
  if [[ $UNIT == yes ]]; then
    systemctl stop carrel.service
  else
    kill -TERM "$pid"
  fi
  while [[ -d "/proc/$pid" ]] && ((SECONDS < deadline)); do sleep 0.1; done
  [[ ! -d "/proc/$pid" ]] || die "The running box (process $pid) did not stop."
}

start_box() { run_step "start the box" "$PREFIX/bin/carrel" up "$@"; } # with carrel.service `up` is a client of systemd

create_venv() {
  if brings_python; then create_venv_of_bundle; else "$PYTHON" -m venv -- "$NEW_VENV"; fi
}

install_packages() {
  local arguments=(--no-compile --prefer-binary --progress-bar off "$LLAMA_WHEEL")
  keep_installer || return
  arguments+=("$(package)")
  if [[ $TORCH == cpu ]]; then take_cpu_torch "$NEW_VENV/bin/pip" install --no-compile || return; fi
  # Without a network pip tries each package again and again; a complete wheelhouse needs no index at all.
  if [[ -n "$WHEELHOUSE" ]]; then
    if "$NEW_VENV/bin/pip" install --no-index --find-links "$WHEELHOUSE" "${arguments[@]}"; then return; fi
    if [[ -n "$PROGRAM" ]]; then return 1; fi
    arguments=(--find-links "$WHEELHOUSE" "${arguments[@]}")
  fi
  "$NEW_VENV/bin/pip" install "${arguments[@]}"
}

# Not the tests that packages bring along, nor what litestar needs for examples only: a fifth of it all.
compile_bytecode() {
  "$NEW_VENV/bin/python" -m compileall -q -j 0 -x 'site-packages/((.+/)?tests|faker)/' "$NEW_VENV/lib" || true
}

try_program() {
  local code=0
  "$NEW_VENV/bin/python" -c 'import llama_cpp; llama_cpp.llama_backend_init()' || code=$?
  # 132 = 128 + SIGILL
  if ((code == 132)); then printf 'The engine was compiled for another processor: %s\n' "$LLAMA_WHEEL" >&2; fi
  if ((code)); then return $code; fi
  try_torch || return
  "$NEW_VENV/bin/carrel" config get --json >/dev/null
}

install_program() {
  take_python
  will_create tree "$PREFIX/venvs"
  mkdir -p -- "$PREFIX/venvs"
  NEW_VENV="$PREFIX/venvs/$VERSION-$(date +%Y%m%d-%H%M%S)"
  run_step "environment made" tidily create_venv || give_up
  run_step "packages installed" tidily install_packages || give_up
  run_step "bytecode compiled" compile_bytecode || give_up
  run_step "program tried" tidily try_program || give_up
}

give_up() {
  local what="Nothing is installed yet; what was downloaded and built is kept. Mend it and run the same command again."
  if [[ -L "$PREFIX/venv" ]]; then what="The program that was installed before is as it was."; fi
  die "Carrel could not be installed." "$what"
}

write_command() {
  local file="$PREFIX/bin/carrel"
  will_create dir "$PREFIX/bin"
  mkdir -p -- "$PREFIX/bin"
  will_create file "$file"
  {
    printf '#!/bin/sh\n# Written by packaging/install.sh.\n'
    # The command finds this box again in a shell that knows nothing of CARREL_HOME.
    if [[ -n "$CARREL_HOME" ]]; then
      # shellcheck disable=SC2016  # expanded when the command runs
      printf 'if [ -z "${CARREL_HOME:-}" ]; then CARREL_HOME=%q; export CARREL_HOME; fi\n' "$CARREL_HOME"
    fi
    printf 'exec %q "$@"\n' "$PREFIX/venv/bin/carrel"
  } >"$file.new"
  chmod 755 -- "$file.new"
  mv -- "$file.new" "$file"
}

point_at() { # NAME OF A FOLDER IN venvs; one rename, so there is always a program
  ln -sfn -- "venvs/$1" "$PREFIX/venv.new"
  mv -T -- "$PREFIX/venv.new" "$PREFIX/venv"
}

switch_program() {
  PREVIOUS="$(basename -- "$(readlink -- "$PREFIX/venv" || true)")"
  will_create link "$PREFIX/venv"
  point_at "$(basename -- "$NEW_VENV")"
  write_command
  write_version
}

restart_box() {
  if [[ $WAS_RUNNING == no || $FIRST != none ]] || start_box; then return; fi
  point_at "$PREVIOUS"
  start_box || true
  give_up
}

remove_old_programs() {
  NEW_VENV=""
  find "$PREFIX/venvs" -mindepth 1 -maxdepth 1 ! -name "$(basename -- "$(readlink -- "$PREFIX/venv")")" \
    -exec rm -rf -- {} +
  remove_old_pythons
}

write_version() {
  will_create file "$PREFIX/version"
  {
    printf 'carrel %s\npython %s\nengine %s\n' "$VERSION" "$PYTHON" "$(basename -- "$LLAMA_WHEEL")"
    printf 'torch %s\n' "$TORCH"
    if [[ -n "$CARREL_HOME" ]]; then printf 'home %s\n' "$CARREL_HOME"; fi
  } >"$PREFIX/version"
}

link_command() {
  if [[ -z "$LINK" || "$(readlink -- "$LINK" 2>/dev/null)" == "$PREFIX/bin/carrel" ]]; then return; fi
  if [[ -e "$LINK" || -L "$LINK" ]]; then
    warn "$LINK is something else's; the command is $PREFIX/bin/carrel"
    LINK=""
    return
  fi
  make_folder "$(dirname -- "$LINK")"
  will_create link "$LINK"
  ln -s -- "$PREFIX/bin/carrel" "$LINK"
}

# ---- places and service --------------------------------------------------------------------------------------------

create_places() {
  local entry path
  for entry in "${PLACES[@]}"; do
    path="${entry#*:}"
    # Folders above come first: in the journal's reverse they go last, when they are empty.
    make_folder "$(dirname -- "$path")"
    will_create "${entry%%:*}" "$path"
    # The program writes its settings itself, and nothing in /run outlives a boot.
    if [[ "$path" == */carrel.toml || "$path" == /run/* ]] || is_own_setting "$path"; then continue; fi
    create_place "$path"
  done
}

is_own_setting() { # PATH
  local one
  for one in "${OWN_SETTINGS[@]}"; do
    if [[ -n "$CARREL_HOME" && "$1" == "$CARREL_HOME/$one" ]]; then return 0; fi
  done
  return 1
}

create_place() { # PATH
  if [[ -d "$1" ]]; then return; fi
  if [[ "$1" == /etc/carrel ]]; then
    # Settings hold no secret, and the service's user reads what root wrote.
    mkdir -m 755 -- "$1"
    return
  fi
  mkdir -m 700 -- "$1"
  if [[ $UNIT == yes ]]; then chown "$UNIT_USER" -- "$1"; fi
}

decide_unit_user() {
  UNIT_USER=$SERVICE_USER
  if ! reachable_by_all "$PYTHON" || ! reachable_by_all "$(above "$PREFIX")"; then UNIT_USER=root; fi
}

create_user() {
  local group
  if [[ $UNIT == no || $UNIT_USER == root ]] || id -u "$SERVICE_USER" >/dev/null 2>&1; then return; fi
  journal user "$SERVICE_USER"
  useradd --system --user-group --no-create-home --home-dir /var/lib/carrel --shell /usr/sbin/nologin "$SERVICE_USER"
  for group in video render; do
    if getent group "$group" >/dev/null; then usermod --append --groups "$group" "$SERVICE_USER"; fi
  done
}

write_unit() {
  local home=yes
  if [[ $UNIT == no ]]; then return; fi
  # What ProtectHome=yes hides must not hold anything of the box.
  if [[ ":$PREFIX:$PYTHON:$MODELS_DIR:" =~ :/(root|home|run/user)[/:] ]]; then home=read-only; fi
  will_create unit "$UNIT_FILE"
  sed -e "s|@PREFIX@|$PREFIX|g; s|@USER@|$UNIT_USER|g; s|@PROTECT_HOME@|$home|g; s|@MODELS_DIR@|$MODELS_DIR|g" \
    "$SOURCE/packaging/carrel.service" >"$UNIT_FILE.new"
  mv -- "$UNIT_FILE.new" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl enable --quiet carrel.service
}

write_settings() {
  local entry="data:$MODELS_DIR"
  if [[ "${PLACES[-1]}" != "$entry" ]]; then return; fi
  carrel config set models_dir "$MODELS_DIR" >/dev/null
}

# ---- install -------------------------------------------------------------------------------------------------------

print_plan() {
  local entry
  say ""
  say "This would happen, in this order:"
  if may_install_packages; then field packages "$(apt_line "${PACKAGES[@]}")"; fi
  field prefix "$PREFIX, with the journal install-journal in it"
  if brings_python; then field python "$(dirname -- "$(dirname -- "$PYTHON")")"; fi
  field engine "${LLAMA_WHEEL:-compile llama-cpp-python $LLAMA_VERSION into $CACHE/wheels/$VARIANT}"
  if has_torch; then field torch "$(describe_torch)"; fi
  field cache "$CACHE"
  field program "$PREFIX/venvs/$VERSION-..., then the link $PREFIX/venv to it"
  field command "$PREFIX/bin/carrel"
  if [[ -n "$LINK" ]]; then field link "$LINK"; fi
  for entry in "${PLACES[@]}"; do field "${entry%%:*}" "${entry#*:}"; done
  if [[ $UNIT == yes ]]; then field user "$UNIT_USER" && field unit "$UNIT_FILE"; fi
  if [[ $PORT_STATE == ours ]]; then field box "stop it, switch to the new program, start it"; fi
  plan_first
  say ""
  say "Dry run: nothing was changed."
}

command_name() {
  if [[ -n "$LINK" && "$(command -v carrel || true)" == "$LINK" ]]; then printf carrel && return; fi
  printf '%s' "${LINK:-$PREFIX/bin/carrel}"
}

undo_command() {
  local script="$SOURCE/packaging/install.sh"
  if [[ -n "$PROGRAM" ]]; then script="$PREFIX/venv/installer/packaging/install.sh"; fi # the stick goes elsewhere
  printf 'bash %q --uninstall%s' "$script" "${PREFIX_GIVEN:+ --prefix $PREFIX_GIVEN}"
}

print_installed() {
  say ""
  say "Carrel $VERSION is installed, in $(minutes $SECONDS)."
  field program "$PREFIX"
  field command "${LINK:-$PREFIX/bin/carrel}"
  field data "${PLACES[0]#*:}, ${PLACES[1]#*:}"
  field models "$MODELS_DIR"
  field undo "$(undo_command)"
  if [[ -n "$LINK" && ":$PATH:" != *":$(dirname -- "$LINK"):"* ]]; then
    say "$(dirname -- "$LINK") is not in PATH: open a new shell, or use the whole path."
  fi
}

print_next() {
  say ""
  if [[ $WAS_RUNNING == yes ]]; then
    say "The box runs again. Next: $(command_name) status"
  else
    say "Nothing is listening yet. Next: $(command_name) up"
  fi
  print_boot
}

print_boot() {
  if [[ $UNIT == yes ]]; then
    say "carrel.service starts the box at every boot."
  else
    say "After a reboot the box does not come back by itself: $(command_name) up starts it."
  fi
}

install() {
  pass_preflight
  if [[ $DRY_RUN == yes ]]; then print_plan && return; fi
  say ""
  open_prefix
  pin_builds
  if [[ -z "$LLAMA_WHEEL" ]]; then build_llama_wheel; fi
  install_program
  create_user
  create_places
  stop_box
  switch_program
  write_settings
  write_unit
  link_command
  restart_box
  remove_old_programs
  print_installed
  case $FIRST in
    demo) demo ;;
    model) first_model ;;
    none) print_next ;;
  esac
}

# ---- uninstall -----------------------------------------------------------------------------------------------------

# Even a damaged journal must not cost more than Carrel.
safe_to_remove() { # PATH
  [[ "$1" == /*/* && "$1" != */../* && "$1" != */.. && "$HOME/" != "$1/"* ]] || return 1
  case "$1" in
    /usr/local/*/*) ;;
    /bin/* | /boot/* | /dev/* | /lib*/* | /proc/* | /sbin/* | /sys/* | /usr/*) return 1 ;;
    /etc/systemd | /var/lib | /var/log | /var/cache | /var/tmp) return 1 ;;
    /home/*) [[ "$1" == /home/*/* ]] ;;
  esac
}

remove_tree() { # PATH
  if ! safe_to_remove "$1"; then warn "$1 is left alone: it is no place of Carrel's" && return 1; fi
  rm -rf --one-file-system -- "$1"
}

keep_data() { # PATH
  if [[ ! -e "$1" ]]; then return; fi
  : >"$(mark_of "$1")"
  field kept "$1"
}

remove_unit() {
  systemctl disable --now carrel.service >/dev/null 2>&1 || true
  rm -f -- "$1"
  systemctl daemon-reload 2>/dev/null || true
}

undo_line() { # KIND WHAT
  case "$1" in
    dir) if [[ -d "$2" ]]; then rmdir --ignore-fail-on-non-empty -- "$2"; fi ;;
    tree) remove_tree "$2" ;;
    data) if [[ $KEEP_DATA == yes ]]; then keep_data "$2"; else remove_tree "$2"; fi ;;
    file | link) rm -f -- "$2" ;;
    unit) remove_unit "$2" ;;
    user) userdel -- "$2" ;;
    note) say "  stays      $2" ;;
    *) warn "the journal has a line of an unknown kind: $1" && return 1 ;;
  esac
}

confirm_uninstall() {
  local answer=""
  say "This removes Carrel from $PREFIX and, in reverse order of its journal:"
  tac -- "$JOURNAL" | while IFS=$'\t' read -r kind what; do
    if [[ $kind == data && $KEEP_DATA == yes ]]; then kind=keep; fi
    if [[ $kind != note ]]; then field "$kind" "$what"; fi
  done
  if [[ $DRY_RUN == yes ]]; then say "Dry run: nothing was changed." && exit 0; fi
  if [[ $YES == yes ]]; then return; fi
  [[ -t 0 ]] || die "Not removed: there is no terminal to ask on." "Add --yes to remove all that is listed above."
  read -r -p "Remove all of it? [y/N] " answer
  [[ "$answer" == [yY]* ]] || die "Not removed."
}

uninstall() {
  local kind what failed=0
  [[ -f "$JOURNAL" ]] || die "Nothing to remove: there is no $JOURNAL." "If Carrel is elsewhere, name it: --prefix DIR."
  if journal_has unit "$UNIT_FILE" && command -v systemctl >/dev/null; then UNIT=yes; else UNIT=no; fi
  confirm_uninstall
  lock_prefix
  # The installed command knows the home of its box.
  unset CARREL_HOME
  stop_box
  while IFS=$'\t' read -r kind what <&3; do
    if [[ "$kind" == dir && "$what" == "$PREFIX" ]]; then close_prefix; fi
    undo_line "$kind" "$what" || failed=1
  done 3< <(tac -- "$JOURNAL")
  if [[ -d "$PREFIX" ]] && ((!failed)); then close_prefix; fi
  ((failed == 0)) || die "Not all could be removed; the warnings above say what is left."
  say "Carrel is removed."
}

close_prefix() { rm -f -- "$JOURNAL" "$PREFIX/install.lock"; }

# ---- main ----------------------------------------------------------------------------------------------------------

only_wheel() {
  begin_work
  find_python
  [[ -n "$PYTHON" ]] || die "No Python 3.11, 3.12 or 3.13 with venv was found." "mend: $(mend_python)"
  find_cuda
  decide_variant
  mkdir -p -- "$CACHE" "$BUILD_WHEEL_DIR"
  pin_builds
  find_llama_wheel
  if [[ -z "$LLAMA_WHEEL" ]]; then build_llama_wheel; fi
  if [[ "$(dirname -- "$LLAMA_WHEEL")" != "$BUILD_WHEEL_DIR" ]]; then cp -- "$LLAMA_WHEEL" "$BUILD_WHEEL_DIR/"; fi
}

only_torch() {
  begin_work
  TORCH=cpu
  pin_builds
  take_cpu_torch "$TORCH_VENV/bin/pip" install --quiet
}

fill_wheelhouse() {
  WHEELHOUSE="$FILL_DIR" BUILD_WHEEL_DIR="$FILL_DIR"
  decide_torch
  only_wheel
  run_step "packages fetched" tidily fetch_packages || die "Not all packages could be fetched."
}

fetch_packages() {
  local pip="$WORK/fetching/bin/pip" words=(download --dest "$FILL_DIR")
  "$PYTHON" -m venv -- "$WORK/fetching" || return
  if [[ $TORCH == cpu ]]; then take_cpu_torch "$pip" "${words[@]}" || return; fi
  # hatchling builds Carrel itself.
  "$pip" "${words[@]}" --prefer-binary --progress-bar off --find-links "$FILL_DIR" "$LLAMA_WHEEL" "$(package)" \
    hatchling && rm -f -- "$FILL_DIR"/carrel-*
}

only_python() {
  find_python
  [[ -n "$PYTHON" ]] || die "No Python 3.11, 3.12 or 3.13 with venv was found." "mend: $(mend_python)"
  say "$PYTHON"
}

main() {
  # shellcheck source=packaging/torch.sh
  . "$SOURCE/packaging/torch.sh"
  # shellcheck source=packaging/bundle.sh
  . "$SOURCE/packaging/bundle.sh"
  # shellcheck source=packaging/first_model.sh
  . "$SOURCE/packaging/first_model.sh"
  parse_options "$@"
  open_bundle "$@"
  decide_places
  case $MODE in
    find-python) only_python ;;
    build-wheel) only_wheel ;;
    torch-into) only_torch ;;
    fill) fill_wheelhouse ;;
    fill-program) decide_torch_of_program && fill_program ;;
    uninstall) begin_work && uninstall ;;
    install) begin_work && install ;;
  esac
}

main "$@"
