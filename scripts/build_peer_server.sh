#!/bin/sh
# Builds llama.cpp's C++ server from the copy inside llama-cpp-python's source distribution: the same commit and
# the same flags as the library that Carrel runs. Kept in the user's cache; prints the folder it lies in.
#
#   sh scripts/build_peer_server.sh
#
# Needs cmake, a C++ compiler and, the first time, the package index or PIP_FIND_LINKS.
set -eu

version=0.3.36
python=${PYTHON:-python3}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/carrel/peers/$version-native

if [ -x "$cache/llama-server" ]; then
    echo "$cache"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

"$python" -m pip download --quiet --no-deps --no-binary :all: --dest "$work" "llama-cpp-python==$version" >&2
tar -xzf "$work/llama_cpp_python-$version.tar.gz" -C "$work"

generator='Unix Makefiles'
if command -v ninja >/dev/null; then
    generator=Ninja
fi
# $ORIGIN: the folder can be moved. The other flags leave out what is not measured.
cmake -S "$work/llama_cpp_python-$version/vendor/llama.cpp" -B "$work/build" -G "$generator" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON \
    -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_CURL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_OPENSSL=OFF >&2
cmake --build "$work/build" --target llama-server -j "$(nproc)" >&2

mkdir -p "$(dirname "$cache")"
cp -a "$work/build/bin" "$work/kept"
rm -rf "$cache"
mv "$work/kept" "$cache"
echo "$cache"
