"""What is known of the request being answered, from its first byte to its log line."""

import re
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
# In the WSGI environment: when the server had read the request's head, on time.perf_counter's clock.
ARRIVED = "slipway.arrived"
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(slots=True)
class RequestContext:
    """Filled while the request is answered; read by metrics, the log line and error bodies."""

    request_id: str
    traceparent: str | None = None
    began: float = field(default_factory=time.perf_counter)
    route: str = "unmatched"
    model: str = ""
    version: str = ""
    # As what the version answers: champion or canary; empty where none was reached.
    role: str = ""
    rows: int = 0
    # How often each label was predicted, never what was asked.
    outcomes: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    # Whether the request is one of the Open Inference Protocol's, known routes or not.
    protocol: bool = False
    # Of the API; empty before it is known.
    api_version: str = ""
    # Whose key this is; None where keys are switched off. admin: it sees what belongs to others.
    key_id: str | None = None
    admin: bool = False
    # Who asks, by its own account: X-Client-ID.
    client_id: str | None = None
    # When the caller no longer waits, on time.perf_counter's clock.
    deadline: float | None = None
    # Whether it holds a place to compute in.
    admitted: bool = False
    queue_seconds: float | None = None
    compute_seconds: float | None = None

    @property
    def caller(self) -> str:
        """Who asks, as well as it is known: the key, else the client, else only this request."""
        return self.key_id or self.client_id or self.request_id

    def answered_by(self, model: str, version: str, role: str) -> None:
        """From now on this version is the one that is counted and named."""
        self.model, self.version, self.role = model, version, role


def new_context(
    request_id: str | None,
    traceparent: str | None,
    arrived: float | None = None,
    client_id: str | None = None,
) -> RequestContext:
    """Keeps the caller's request id where it is one, otherwise makes one of 128 random bits."""
    kept = request_id if request_id and REQUEST_ID.fullmatch(request_id) else secrets.token_hex(16)
    passed = traceparent if traceparent and TRACEPARENT.fullmatch(traceparent) else None
    began = time.perf_counter() if arrived is None else arrived
    return RequestContext(kept, passed, began, client_id=client_id or None)


_CURRENT: ContextVar[RequestContext] = ContextVar("request_context")


def hold(context: RequestContext) -> None:
    """This thread or greenlet answers this request from now on."""
    _CURRENT.set(context)


def current() -> RequestContext:
    """The context of the request in hand."""
    return _CURRENT.get()
