#!/bin/sh
# Two boxes and one registry on this machine, over the network and then by stick; last line: a summary.
#
#   scripts/demo_federation.sh [--keep] [--only network|stick] [--out FILE]
set -eu
cd "$(dirname "$0")/.."
if [ -x .venv/bin/python ]; then python=.venv/bin/python; else python=python3; fi
exec "$python" scripts/demo_federation "$@"
