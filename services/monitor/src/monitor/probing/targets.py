"""Who is probed: every address behind every configured name."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Target:
    """One replica. name: address and port, as Prometheus would call it. host: for the Host header."""

    name: str
    url: str
    host: str


def configured(predictors: str) -> list[str]:
    """The base URLs of a comma-separated setting."""
    return [url.strip().rstrip("/") for url in predictors.split(",") if url.strip()]


def resolve(base_url: str) -> list[Target]:
    """The replicas behind a URL, sorted; the name itself where it has no address at present."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return [Target(f"{host}:{port}", base_url, parts.netloc)]
    addresses = sorted({str(entry[4][0]) for entry in found if entry[0] == socket.AF_INET})
    if not addresses or parts.scheme == "https":
        return [Target(f"{host}:{port}", base_url, parts.netloc)]
    return [Target(f"{a}:{port}", f"{parts.scheme}://{a}:{port}", parts.netloc) for a in addresses]
