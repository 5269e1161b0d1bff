"""What can go wrong, in words for the user.

Every failure a user may meet is one of these. The message is one plain Chinese sentence that says what,
where, and what to do next; the command line prints it as it is.
"""


class Problem(Exception):
    """The call cannot be carried out: a wrong option, a missing path, an output that exists."""

    exit_status = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FormProblem(Problem):
    """A form definition (格式定义) is wrong; the message names the file and the key."""


class Unreadable(Problem):
    """A returned file cannot be read as a submission; other files are not touched by it."""

    exit_status = 1


def unexpected(error: Exception) -> str:
    """What is said of a file whose content no one foresaw; it never stops the others."""
    return f"内容超出了预料（{type(error).__name__}），没有处理。请把这个文件发给维护人员。"
