"""All the checks over a rendered set of objects, as one list of sentences."""

from collections.abc import Mapping

from manifests.addresses import address_problems, network_problems
from manifests.references import account_problems, reference_problems
from manifests.rendered import Rendered
from manifests.safety import image_problems, resource_problems, token_problems
from manifests.selectors import (
    autoscaler_problems,
    disruption_problems,
    probe_problems,
    scraper_problems,
    selector_problems,
)


def problems(rendered: Rendered, made_before: Mapping[str, frozenset[str]]) -> list[str]:
    return [
        *selector_problems(rendered),
        *probe_problems(rendered),
        *autoscaler_problems(rendered),
        *disruption_problems(rendered),
        *scraper_problems(rendered),
        *reference_problems(rendered, made_before),
        *account_problems(rendered),
        *address_problems(rendered),
        *network_problems(rendered),
        *image_problems(rendered),
        *resource_problems(rendered),
        *token_problems(rendered),
    ]
