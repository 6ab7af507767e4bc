"""The errors of a Kubernetes API server, in the words and the shape of the real one."""

from __future__ import annotations

from collections.abc import Mapping

from .objects import Object
from .resources import Resource

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class StatusError(Exception):
    """An answer of kind Status with status Failure."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        reason: str = "",
        details: Object | None = None,
        metadata: Object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what failed; `reason` follows from the code unless given."""
        super().__init__(message)
        self.code = code
        self.headers = dict(headers or {})
        self.body: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata or {},
            "status": "Failure",
            "message": message,
            "reason": reason or _REASONS.get(code, "Unknown"),
            **({"details": details} if details else {}),
            "code": code,
        }


def details(resource: Resource, name: str) -> Object:
    """What an error is about; `kind` holds the plural, as the real server has it."""
    about = {"name": name, "group": resource.group, "kind": resource.plural}
    return {key: value for key, value in about.items() if value}


def not_found(resource: Resource, name: str) -> StatusError:
    """404: no such object."""
    message = f'{resource.dotted} "{name}" not found'
    return StatusError(404, message, details=details(resource, name))


def no_such_path() -> StatusError:
    """404: no such resource, or one that this server has not got."""
    return StatusError(404, "the server could not find the requested resource", details={})


def already_exists(resource: Resource, name: str) -> StatusError:
    """409: an object of that name stands already."""
    message = f'{resource.dotted} "{name}" already exists'
    return StatusError(409, message, reason="AlreadyExists", details=details(resource, name))


def conflict(resource: Resource, name: str) -> StatusError:
    """409: the writer had read an older version of the object."""
    message = (
        f'Operation cannot be fulfilled on {resource.dotted} "{name}": the object has been '
        "modified; please apply your changes to the latest version and try again"
    )
    return StatusError(409, message, details=details(resource, name))


def forbidden(user: str, verb: str, resource: Resource, namespace: str, name: str) -> StatusError:
    """403: what RBAC answers to a user that lacks the right."""
    subject = f'{resource.dotted} "{name}"' if name else resource.dotted
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{resource.plural}" '
        f'in API group "{resource.group}" {scope}'
    )
    return StatusError(403, message, details=details(resource, name))


def expired(token: str) -> StatusError:
    """410: the continue token is too old; `token` goes on with an inconsistent list."""
    message = (
        "The provided continue parameter is too old to display a consistent list result. "
        "You can start a new list without the continue parameter, or use the continue token in "
        "this response to retrieve the remainder of the results. Continuing with the provided "
        "token results in an inconsistent list - objects that were created, modified, or deleted "
        "between the time the first chunk was returned and now may show up in the list."
    )
    return StatusError(410, message, metadata={"continue": token})
