"""Lets nobody but the office's own browser in: the page is on this machine only, and needs the secret of this start.

What is checked of every request: that it came to the address itself (a name that somebody made point here is refused),
that it knows the secret, and, if it changes something, that it comes from a page of ours and carries its token.
"""

from flask import Flask, Response, abort, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from toolkit.desk.entrance import KEY, Entrance, is_same

TOKEN_HEADER, TOKEN_FIELD = "X-Gknb-Token", "token"
SAFE_METHODS = ("GET", "HEAD")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser sends no Origin with a form
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
KEEPING, STATIC = "Cache-Control", "/static/"
"""What a browser may keep: styles and scripts, which are no secret, and nothing else."""


def guard(app: Flask, entrance: Entrance) -> None:
    """Check every request of the app, and put what protects the pages into every response."""

    @app.before_request
    def check() -> BaseResponse | None:
        if request.headers.get("Host") != entrance.host:
            abort(421)
        if request.headers.get("Origin", entrance.origin) != entrance.origin:
            abort(403)
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            abort(403)
        if request.method in SAFE_METHODS and KEY in request.args:
            return _enter(entrance)
        if not entrance.is_known(request.cookies.getlist(entrance.cookie)):
            abort(401)
        if request.method not in SAFE_METHODS:
            _require_token(entrance)
        g.token = entrance.token
        return None

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            if name != KEEPING or not request.path.startswith(STATIC):
                response.headers[name] = value
        return response


def _enter(entrance: Entrance) -> BaseResponse:
    """Put the secret of the address into a cookie, and send the browser on to an address without it."""
    if not is_same(request.args[KEY], entrance.secret):
        abort(401)
    response = redirect("/", 303)
    response.set_cookie(entrance.cookie, entrance.secret, httponly=True, samesite="Strict")
    return response


def _require_token(entrance: Entrance) -> None:
    if request.headers.get("Origin") != entrance.origin:
        abort(403)
    given = request.headers.get(TOKEN_HEADER)
    if given is None and request.mimetype == "application/x-www-form-urlencoded":
        given = request.form.get(TOKEN_FIELD)
    if not is_same(given or "", entrance.token):
        abort(403)
