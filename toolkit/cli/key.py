"""`gknb key`: writes a new key (密钥) for signing templates."""

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.console import say


def key(output: Annotated[Path, typer.Option("-o", "--output", metavar="文件", help="写到这个文件")]) -> None:
    """生成一个密钥文件：发放模板时用它签名，收回后用它核对模板是发给谁的。由审核机关保管。

    密钥文件从不覆盖。不要放进要发出去的文件夹。

    例：
    gknb key -o office.key
    """
    from toolkit.submission.signing import new_key, write_key

    write_key(output, new_key())
    say(f"已写出 {output}。发放用 gknb distribute --key {output}，收回后用 gknb check --key {output}。")
    say(
        "请妥善保管、留好备份，不要放进要发出去的文件夹：拿到它的人都能签名；丢了它，已发放的模板就不能再核对，也补不出来。"
    )
