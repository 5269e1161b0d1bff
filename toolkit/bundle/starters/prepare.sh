# 找到能用的 Python；没有随带 Python 的，第一次运行时在用户自己的缓存文件夹里备好，以后直接用。不联网，不用管理员权限。
# 由“开始.sh”“审表.sh”读入，不单独运行。
# shellcheck shell=sh
PROGRAM=$GKNB_HERE/gknb
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE PIP_TARGET PIP_USER PIP_PREFIX
export PYTHONNOUSERSITE=1 PYTHONUTF8=1

fail() {
    printf '%s\n' "$@" '详细的办法在“使用说明.txt”里。' >&2
    if [ -t 0 ]; then
        printf '按回车键结束。' >&2
        read -r _
    fi
    exit 3
}

run() {
    [ "$(uname -m)" = '{machine}' ] ||
        fail '这个文件夹是给 {machine} 的电脑用的，这台电脑是 '"$(uname -m)"' 的。请换用另一个文件夹。'
    if [ -f "$PROGRAM/python/bin/python{carried}" ]; then
        PYTHON=$PROGRAM/python/bin/python{carried}
        "$PYTHON" -I -c '' 2>/dev/null || fail '随带的 Python 在这里不能运行：U 盘可能不许运行程序。请把整个文件夹复制到电脑上再试。'
    else
        prepare
    fi
    exec "$PYTHON" -X utf8 -I -m toolkit.bundle.launch "$@"
}

# 这台电脑上的 Python 里，有安装包可用的第一个；版本放在 VERSION 里。
find_python() {
    for name in {pythons} python3; do
        found=$(command -v "$name") || continue
        VERSION=$("$found" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        [ -f "$PROGRAM/清单-$VERSION.txt" ] && return 0
    done
    return 1
}

prepare() {
    find_python || fail '这台电脑上没有能用的 Python：要 {versions} 中的一个。' '请管理员从系统的软件源安装后再试。'
    list=$(sha256sum <"$PROGRAM/清单-$VERSION.txt" | cut -c 1-16)
    for cache in "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}" "$PROGRAM"; do
        place=$cache/gknb-toolkit/$VERSION-$list
        PYTHON=$place/bin/python
        if [ -f "$place/ready" ] && "$PYTHON" -I -c 'import toolkit' 2>/dev/null; then
            return 0
        fi
        rm -rf "$place" 2>/dev/null
        mkdir -p "$cache/gknb-toolkit" 2>/dev/null || continue
        find "$cache/gknb-toolkit" -maxdepth 1 -name '*.part.*' -mtime +1 -exec rm -rf {} + 2>/dev/null
        part=$place.part.$$
        mkdir "$part" 2>/dev/null || continue
        install && return 0
        fail '没有备好，请看上面的说明。磁盘满了的，请腾出空间再试。'
    done
    fail '没有可以写的地方。请检查您的用户文件夹能不能写入。'
}

# 核对安装包，装进 part，完整了才移到 place。
install() {
    trap 'rm -rf "$part"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '第一次运行，正在准备，大约一分钟……\n' >&2
    (cd "$PROGRAM" && sha256sum --check --quiet wheels.sha256 >&2) ||
        fail '安装包不完整或被改动过。请重新复制整个文件夹。'
    set -- "$PROGRAM"/wheels/pip-*.whl
    "$found" -I -m venv --without-pip "$part" &&
        "$part/bin/python" -I "$1/pip" install --quiet --disable-pip-version-check --no-input --no-cache-dir \
            --isolated --no-index --find-links "$PROGRAM/wheels" --require-hashes --only-binary :all: \
            --no-warn-script-location -r "$PROGRAM/清单-$VERSION.txt" &&
        "$part/bin/python" -I -c 'import toolkit' &&
        : >"$part/ready" || return 1
    # 另一个窗口同时备好了的，用它的。
    mv -T "$part" "$place" 2>/dev/null || [ -f "$place/ready" ] || return 1
    rm -rf "$part"
    trap - EXIT HUP INT TERM
}
