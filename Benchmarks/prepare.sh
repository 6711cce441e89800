#!/bin/sh
# Makes the benchmark's Python environment, .venv in the repository's root, when it is missing or its requirements have
# changed. PYTHON chooses the interpreter (3.11 or later).
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
environment=$folder/../.venv
requirements=$folder/requirements.txt
stamp=$environment/.requirements

if [ -f "$stamp" ] && cmp -s "$requirements" "$stamp"; then
  exit 0
fi

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "prepare.sh: the peers need Python 3.11 or later; set PYTHON to one." >&2
  exit 1
fi

echo "prepare.sh: making the benchmark's Python environment" >&2
rm -rf "$environment"
"$python" -m venv "$environment"
pip="$environment/bin/python -m pip --disable-pip-version-check"

# The general build of torch brings gigabytes of CUDA libraries that a CPU benchmark never loads.
torch=$(sed -n 's/^torch==//p' "$requirements")
if ! $pip install --quiet --no-deps "torch==$torch+cpu"; then
  echo "prepare.sh: no CPU build of torch $torch is offered here; taking the general one, which is much larger." >&2
  echo "To avoid it, add an index that has CPU builds: PIP_EXTRA_INDEX_URL=... $0" >&2
fi
$pip install --quiet -r "$requirements"

# Written last, so that an installation that was interrupted is done again.
cp "$requirements" "$stamp"
