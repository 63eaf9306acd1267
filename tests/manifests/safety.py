"""What the API server accepts and a cluster regrets: tags, quantities, tokens."""

import re
from collections.abc import Iterator
from decimal import Decimal

from manifests.rendered import Rendered, containers_of, pod_of, title

QUANTITY = re.compile(r"^(?P<number>\d+(\.\d+)?)(?P<unit>m|k|M|G|T|Ki|Mi|Gi|Ti)?$")
UNITS = {
    name: Decimal(1000) ** power
    for power, name in enumerate(("m", "", "k", "M", "G", "T"), start=-1)
}
UNITS |= {
    name: Decimal(1024) ** power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti"), start=1)
}
MAY_TALK_TO_THE_API = {"bootstrap-secrets"}


def image_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        for container in containers_of(workload):
            tag = container["image"].rpartition("/")[2].partition(":")[2]
            if tag in ("", "latest"):
                yield f"{title(workload)}: the image {container['image']} names no version"


def resource_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        for container in containers_of(workload):
            resources = container.get("resources", {})
            for name in ("cpu", "memory"):
                request, limit = (
                    resources.get(side, {}).get(name) for side in ("requests", "limits")
                )
                if request is None or limit is None:
                    yield f"{title(workload)}: {container['name']} has no request or no limit of {name}"
                elif not (QUANTITY.match(str(request)) and QUANTITY.match(str(limit))):
                    yield f"{title(workload)}: {request} or {limit} is no quantity"
                elif quantity(limit) < quantity(request):
                    yield f"{title(workload)}: {container['name']} may use less {name} than it requests"


def token_problems(rendered: Rendered) -> Iterator[str]:
    for workload in rendered.workloads():
        may = workload["metadata"]["name"] in MAY_TALK_TO_THE_API
        if pod_of(workload).get("automountServiceAccountToken", True) and not may:
            yield f"{title(workload)}: its pods get a token for the Kubernetes API"


def quantity(text: str | int) -> Decimal:
    """A Kubernetes quantity as a number of cores or bytes."""
    found = QUANTITY.match(str(text))
    assert found, f"{text} is no quantity"
    return Decimal(found["number"]) * UNITS[found["unit"] or ""]
