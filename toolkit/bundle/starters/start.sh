#!/bin/sh
# {words}
GKNB_HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 3
export GKNB_HERE
. "$GKNB_HERE/gknb/准备.sh"
run {job} "$@"
