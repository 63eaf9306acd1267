"""Creates the Secrets that Slipway expects, with random contents, where they do not exist yet."""

import json
import os
import secrets
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def wanted_secrets() -> dict[str, dict[str, str]]:
    """Each Secret's name, keys and freshly made-up values."""
    redis_password = secrets.token_hex(24)
    key_id, key = secrets.token_hex(10), secrets.token_hex(24)
    return {
        "redis-credentials": {
            "redis_password": redis_password,
            "redis_passwords.json": json.dumps({"redis://localhost:6379": redis_password}),
        },
        "store-credentials": {
            "access_key_id": key_id,
            "secret_access_key": key,
            "store_credentials": f"{key_id}\n{key}\n",
        },
        "alerts-credentials": {"alerts_token": secrets.token_hex(24)},
        # Read by the component postgres alone.
        "database-credentials": {"database_password": secrets.token_hex(24)},
        "grafana-credentials": {"grafana_admin_password": secrets.token_hex(24)},
    }


def create_secret(
    api: str,
    namespace: str,
    token: str,
    tls: ssl.SSLContext | None,
    name: str,
    values: dict[str, str],
) -> bool:
    """True where the Secret was created, False where one of that name was there already."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "slipway"}},
        "type": "Opaque",
        "stringData": values,
    }
    request = urllib.request.Request(  # noqa: S310
        f"{api}/api/v1/namespaces/{namespace}/secrets",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, context=tls, timeout=10):  # noqa: S310
            return True
    except urllib.error.HTTPError as refusal:
        if refusal.code == 409:
            return False
        raise


def main() -> None:
    api = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
    namespace, token = ((ACCOUNT / name).read_text().strip() for name in ("namespace", "token"))
    tls = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    for name, values in wanted_secrets().items():
        created = create_secret(api, namespace, token, tls, name, values)
        sys.stdout.write(f"{name}: {'created' if created else 'kept as it is'}\n")


if __name__ == "__main__":
    main()
