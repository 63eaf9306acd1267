"""The families by name: one class each, chosen by a manifest's `family`."""

from slipway.core.errors import ArtifactRefused
from slipway.model.families.base import Family
from slipway.model.families.tabular import TabularClassifier, TabularRegressor
from slipway.model.families.text_classifier import TextClassifier
from slipway.model.signature import Signature

FAMILIES = {family.name: family for family in (TextClassifier, TabularClassifier, TabularRegressor)}


def rebuild(family: str, config: bytes, signature: Signature) -> Family:
    """The family of a stored version. Raises ArtifactRefused for an unknown one or a bad config."""
    if family not in FAMILIES:
        raise ArtifactRefused("manifest.json", f"is of an unknown family {family!r}")
    try:
        return FAMILIES[family].from_config(config, signature)
    except ValueError as wrong:
        raise ArtifactRefused("config.json", str(wrong)) from None
