#!/usr/bin/env bash
# environments.sh [PYTHON]: one virtual environment a peer, with torch taken from PYTHON's own.
set -uo pipefail
cd "$(dirname "$0")"

python=${1:-../.venv/bin/python}
base=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
failed=()
while read -r name packages; do
  folder=.environments/$name
  [[ -f $folder/.complete ]] && continue
  "$python" -m venv "$folder" &&
    echo "$base" >"$folder/$(cd "$folder" && echo lib/python*/site-packages)/base.pth" &&
    # shellcheck disable=SC2086 # several words
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check $packages &&
    touch "$folder/.complete" || failed+=("$name")
done <peers.txt
[[ ${#failed[@]} -eq 0 ]] || echo "NOT INSTALLED, and left out of the comparison: ${failed[*]}" >&2
