"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from toolkit.files.limits import limits_in_brief

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="路径", help="填报表、数据文件或已公布的报告，也可以是文件夹（逐层查找）", readable=False),
]
Year = Annotated[int, typer.Option("--year", metavar="年度", help="报告年度，如 2024，据此选用当年的格式")]
OptionalYear = Annotated[
    int | None, typer.Option("--year", metavar="年度", help="报告年度，如 2024，据此选用当年的格式")
]
FormFile = Annotated[Path | None, typer.Option("--form", metavar="文件.toml", help="用自己的格式定义")]
Force = Annotated[bool, typer.Option("--force", help="输出已存在时覆盖")]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="文件夹", help="写到这个文件夹，默认为当前文件夹")]
AcceptReports = Annotated[
    bool,
    typer.Option(
        "--accept-reports", help="与填报表放在一起的完整年报（.docx、.html）也当作报送收下，并注明；不完整的不收"
    ),
]
OptionalFile = Annotated[Path | None, typer.Option("-o", "--output", metavar="文件", help="写到这个文件")]
TableFormat = Annotated[Literal["csv", "json"], typer.Option("--format", metavar="csv|json", help="输出格式")]
AsJson = Annotated[bool, typer.Option("--json", help="在标准输出上给出 JSON 数据")]
Password = Annotated[str, typer.Option("--password", metavar="密码", help="工作表保护的密码，默认没有")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="文件", help="密钥文件：发放时给模板签名，校验时看是发给谁的模板", readable=False),
]
Prior = Annotated[
    Path | None,
    typer.Option("--prior", metavar="路径", help="上年的表、数据文件或文件夹，按机关名称找", readable=False),
]
TextsFolder = Annotated[
    Path | None,
    typer.Option(
        "--texts",
        metavar="文件夹",
        help="各机关的文字（.docx、.md、.txt），按机关名称、代码或编号对文件名；与填报表不同时以文件为准",
        readable=False,
    ),
]
Results = Annotated[
    Path | None,
    typer.Option("--results", metavar="文件夹", help="gknb check 写结果的文件夹，默认为项目里的", readable=False),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, max=1000, help="用几个进程同时做，默认为全部核；结果与个数无关"),
]
Seconds = Annotated[
    float, typer.Option("--seconds", metavar="秒", min=0.01, max=86_400, help="一个文件最多处理多久，超过的放弃并说明")
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="tls://…",
        help="交给 Dask 集群做，须另装 gknb-toolkit[cluster]；tcp://… 不加密、不认人，只用在隔离的网络里",
    ),
]
Memory = Annotated[
    int,
    typer.Option(
        "--memory", metavar="MB", min=100, max=1_000_000, help="处理一个文件最多用多少内存，至少 100，超过的放弃并说明"
    ),
]
FilePassword = Annotated[
    list[str] | None,
    typer.Option(
        "--file-password",
        metavar="密码",
        envvar="GKNB_FILE_PASSWORD",
        show_envvar=False,
        help="有打开密码的文件用这个密码打开，可写几次；也可设在环境变量 GKNB_FILE_PASSWORD 里",
    ),
]
Limit = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="名称=数", help=f"改变读取文件的上限，可写几次；平时是 {limits_in_brief()}"),
]
