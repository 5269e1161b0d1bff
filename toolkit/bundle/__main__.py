"""``python -m toolkit.bundle``: makes a bundle (便携包), for the person who gives the toolkit to offices."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from toolkit.problems import Problem

EXAMPLE = """例：
  python -m toolkit.bundle --platform linux-x86_64 --platform linux-aarch64 -o 便携包
  python -m toolkit.bundle --platform windows --python python-3.x.y-embed-amd64.zip --sha256 64位校验值 -o 便携包

--python 和 --sha256 可以写几次，一一对应：Windows 的可嵌入包，或 Linux 上放在哪里都能运行的 Python（.tar.gz）。
Linux 的包不带 Python 的，用电脑上自己的 Python 3.11 以上。"""


class _Arguments(argparse.ArgumentParser):
    """Says in Chinese what is wrong with a call."""

    def error(self, message: str) -> NoReturn:
        print(f"命令写得不对：{message}\n用 python -m toolkit.bundle --help 看说明。", file=sys.stderr)
        sys.exit(2)


def parser_of_arguments() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    about = "做便携包：没有网络、没有 Python 的电脑，复制过去就能用。要在有网络的电脑上运行。"
    parser = _Arguments(
        "python -m toolkit.bundle", "%(prog)s --platform 平台 … -o 文件夹 [选项]", about, EXAMPLE, add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    add = parser.add_argument_group("选项").add_argument
    add(
        "--platform", action="append", default=[], metavar="平台", help="windows、linux-x86_64、linux-aarch64，可写几次"
    )
    add("-o", "--output", type=Path, metavar="文件夹", help="做到这里；还没有的文件夹")
    add("--wheel", type=Path, metavar="文件", help="本工具的安装包（.whl）；不写就从源代码做")
    add("--python", action="append", default=[], type=Path, metavar="文件", help="随带的 Python，可写几次")
    add("--sha256", action="append", default=[], metavar="校验值", help="上面那个文件的 SHA-256，不对的不打开")
    add(
        "--python-version", action="append", default=[], metavar="版本",
        help="不带 Python 的 Linux 包，给哪几版 Python 用，可写几次；平时是 3.11、3.12、3.13",
    )  # fmt: skip
    add("--help", action="help", help="显示这页说明")
    return parser


def main() -> int:
    """Make a bundle and say what was made. Return the exit status."""
    given = parser_of_arguments().parse_args()
    try:
        _make(given)
    except Problem as problem:
        print(problem.message, file=sys.stderr)
        return problem.exit_status
    except KeyboardInterrupt:
        print("已中止，没有做成。", file=sys.stderr)
        return 130
    return 0


def _make(given: argparse.Namespace) -> None:
    try:
        from toolkit.bundle.carried_python import read_carried_python
        from toolkit.bundle.make import make_bundle, plan_of
        from toolkit.bundle.targets import LINUX_PYTHONS, require_version
    except ModuleNotFoundError as missing:
        raise Problem(f"做便携包还要装：pip install 'gknb-toolkit[bundle]'（缺 {missing.name}）。") from missing
    if given.output is None:
        raise Problem("没有写做到哪里。请加 -o 文件夹。")
    if len(given.python) != len(given.sha256):
        raise Problem("每个 --python 都要有一个 --sha256：先核对，再打开。")
    if given.wheel is not None and not given.wheel.is_file():
        raise Problem(f"没有 {given.wheel} 这个文件。请检查 --wheel 写的路径。")
    for version in given.python_version:
        require_version(version)
    pythons = [read_carried_python(path, digest) for path, digest in zip(given.python, given.sha256, strict=True)]
    plan = plan_of(given.platform, given.wheel, pythons, given.python_version or LINUX_PYTHONS)
    checkout = Path(__file__).resolve().parents[2]
    for one in make_bundle(plan, given.output, checkout, lambda words: print(words, file=sys.stderr)):
        print(f"{one.folder}：{one.files} 个文件，{one.bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
