#!/bin/sh
# {words}
GKNB_HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P) || exit 3
export GKNB_HERE
. "$GKNB_HERE/程序/准备.sh"
run {job} "$@"
