"""The exceptions that the user sees, with messages in Chinese.

Every failure that a user may meet is one of these. The message is one plain Chinese sentence: what is wrong, where, and
what to do next. The command line prints it unchanged.
"""

from typing import Literal

from toolkit.files.memory import is_short_of_memory


class Problem(Exception):
    """The command cannot be carried out: a wrong option, a missing path, an output that already exists."""

    exit_status = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ToolkitFault(Problem):
    """The toolkit itself cannot go on, whatever the command and the files are."""

    exit_status = 3


class FormProblem(Problem):
    """A form definition (格式定义) is wrong. The message names the file and the key."""


Cause = Literal[
    "empty", "damaged", "encrypted", "other-kind", "not-a-form", "too-large", "unsafe", "no-access", "content",
    "own-output", "over-time", "over-memory", "process-lost", "unforeseen",
]  # fmt: skip
CAUSES: dict[Cause, str] = {
    "empty": "空文件（0 字节）",
    "damaged": "不完整，或在传输中损坏",
    "encrypted": "有打开密码，没有给出或给的密码不对",
    "other-kind": "不是能读的文件种类（按内容认，不看扩展名）",
    "not-a-form": "种类对，但不是本工具的填报表，或表样已认不出",
    "too-large": "文件、解压后的大小或部件个数超过上限（--limit）",
    "unsafe": "结构有危险：带实体定义、部件名跳出文件夹、部件重名、一个格有几个值",
    "no-access": "没有权限、正被占用、磁盘或网络有问题",
    "content": "能打开，但其中的内容读不出或不合格",
    "own-output": "是本工具写出的结果，不是填报表；在文件夹和压缩包里的另列入没有读的文件",
    "over-time": "处理超过时限（--seconds），已中止",
    "over-memory": "处理超过内存上限（--memory），已中止",
    "process-lost": "处理时进程意外中止",
    "unforeseen": "内容超出了预料",
}
"""Why a file could not be read (起因), as it stands in the output of `check --json`. The message gives the details."""


class Unreadable(Problem):
    """A returned file cannot be read as a submission (报送数据). Other files are not affected.

    A failed memory allocation is never reported as damage: where memory is short, the cause is `over-memory`, and
    another run with more memory may succeed.
    """

    exit_status = 1

    def __init__(self, message: str, cause: Cause = "content") -> None:
        if cause in ("damaged", "unforeseen") and is_short_of_memory():
            message, cause = OVER_MEMORY, "over-memory"
        super().__init__(message)
        self.cause = cause


def unexpected(error: Exception) -> Unreadable:
    """Return the Unreadable for a file whose content raised an unforeseen error. Other files are not affected."""
    if isinstance(error, MemoryError):
        return Unreadable(OVER_MEMORY, "over-memory")
    return Unreadable("内容超出了预料，没有处理。请把这个文件发给维护人员。", "unforeseen")


OVER_MEMORY = "处理时用的内存超过上限，已中止，其他文件不受影响。请让报送单位用空白模板重新填报，或加大 --memory 再试。"
