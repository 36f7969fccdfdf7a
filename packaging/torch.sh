# shellcheck shell=bash
# Which build of torch this machine gets, what it needs, and where it comes from. Read by install.sh, whose words and
# variables it uses.
#
# The processor's build is pinned as X+cpu, a version that PyPI does not have: a machine without a GPU never fetches
# CUDA's gigabytes by mistake. It comes from a folder (--wheelhouse, or pip's own find-links), else from PyTorch's
# index. CUDA's build is PyPI's.

# shellcheck disable=SC2034  # install.sh reads them
readonly NEEDED_TORCH_CPU_MIB=1500 NEEDED_TORCH_CUDA_MIB=8000 NEEDED_FETCH_CPU_MIB=600 NEEDED_FETCH_CUDA_MIB=4000
readonly TORCH_CPU_INDEX=https://download.pytorch.org/whl/cpu
readonly LEAST_CUDA_DRIVER=580 # of CUDA 13
# TORCH is cpu, cuda, none (nobody asked for it) or without (it was refused); it stands in the version file.
TORCH=none TORCH_WISH=""

torch_version() { sed -n 's/^torch==//p' "$SOURCE/packaging/constraints.txt"; }

decide_torch() {
  local before gpus=no
  before="$(sed -n 's/^torch //p' "$PREFIX/version" 2>/dev/null || true)"
  if [[ $CPU_ONLY == no && -n "$(ask_gpus name)" ]]; then gpus=yes; fi
  case "${TORCH_WISH:-$before}:$gpus" in
    without:*) TORCH=without ;;
    # A driver that is silent today, as it is after an update, is no reason to fetch another build.
    with:no | cpu:no | cuda:no) TORCH=cpu && if [[ $before == cuda && $CPU_ONLY == no ]]; then TORCH=cuda; fi ;;
    *:yes) TORCH=cuda ;;
    *) TORCH=none ;;
  esac
  # A bundle has the processor's build, if any.
  if [[ -n "$PROGRAM" && $TORCH == cuda ]]; then TORCH=cpu; fi
}

has_torch() { [[ $TORCH == cpu || $TORCH == cuda ]]; }

check_torch() {
  decide_torch
  case $TORCH in
    none) check OK torch "left out: models in full precision need it, and --with-torch installs it" ;;
    without) check OK torch "left out (--without-torch)" ;;
    cpu) check OK torch "$(torch_version) for the processor" ;;
    cuda) check_cuda_driver ;;
  esac
}

check_cuda_driver() {
  local driver
  driver="$(ask_gpus driver_version | head -n 1)"
  if [[ "${driver%%.*}" =~ ^[0-9]+$ ]] && ((${driver%%.*} < LEAST_CUDA_DRIVER)); then
    check WARN torch "$(torch_version) for CUDA 13, which needs a driver from $LEAST_CUDA_DRIVER on; this is $driver" \
      "update NVIDIA's driver, or add --cpu"
  else
    check OK torch "$(torch_version) for CUDA"
  fi
}

needed_program_mib() {
  case $TORCH in
    cpu) printf '%d' $((NEEDED_PROGRAM_MIB + NEEDED_TORCH_CPU_MIB)) ;;
    cuda) printf '%d' $((NEEDED_PROGRAM_MIB + NEEDED_TORCH_CUDA_MIB)) ;;
    *) printf '%d' "$NEEDED_PROGRAM_MIB" ;;
  esac
}

check_disk_of_fetching() {
  case $TORCH in
    cpu) check_disk "what is fetched" "${TMPDIR:-/tmp}" $NEEDED_FETCH_CPU_MIB ;;
    cuda) check_disk "what is fetched" "${TMPDIR:-/tmp}" $NEEDED_FETCH_CUDA_MIB ;;
  esac
}

describe_torch() {
  case $TORCH in
    cpu) printf '%s' "$(torch_version) for the processor, from a folder or $TORCH_CPU_INDEX" ;;
    cuda) printf '%s' "$(torch_version) for CUDA, from the package index" ;;
  esac
}

package() { # what pip is told to install
  local kept
  kept="$(own_wheel)"
  for kept in "${NEW_VENV:+$NEW_VENV/installer/wheels/carrel-$VERSION-py3-none-any.whl}" "$kept" "$SOURCE"; do
    if [[ -n "$kept" && -e "$kept" ]]; then extra "$kept" && return; fi
  done
}

extra() { if has_torch; then printf '%s[torch]' "$1"; else printf '%s' "$1"; fi; } # WHAT PIP INSTALLS

pin_torch() { # FILE; the build too, and in one place for every pip that follows
  case $TORCH in
    cpu) sed -i 's/^torch==.*/&+cpu/' "$1" ;;
    cuda) sed -i 's/^torch==\(.*\)/&,!=\1+cpu/' "$1" ;;
  esac
}

# Torch alone, with what it needs left to the next step: nothing else is taken from PyTorch's index.
take_cpu_torch() { # PIP WORDS...
  local wanted arguments=("${@:2}" --no-deps --progress-bar off ${WHEELHOUSE:+--find-links "$WHEELHOUSE"})
  wanted="torch==$(torch_version)+cpu"
  "$1" "${arguments[@]}" --no-index "$wanted" ||
    "$1" "${arguments[@]}" --retries 2 --index-url "$TORCH_CPU_INDEX" "$wanted" ||
    "$1" "${arguments[@]}" "$wanted" || explain_cpu_torch
}

explain_cpu_torch() {
  say "The processor's build of torch was found neither in a folder nor at $TORCH_CPU_INDEX." \
    "Bring it with --wheelhouse DIR, or leave it out with --without-torch." >&2
  return 1
}

try_torch() {
  if has_torch; then "$NEW_VENV/bin/python" -c 'import torch, transformers, bitsandbytes, tokenizers'; fi
}
