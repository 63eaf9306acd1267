"""The families by name: one class each, chosen by a manifest's `family`."""

from collections.abc import Collection

from slipway.core.errors import ArtifactRefused
from slipway.model.families.base import Family
from slipway.model.families.module import Module
from slipway.model.families.onnx import Onnx
from slipway.model.families.tabular import TabularClassifier, TabularRegressor
from slipway.model.families.text_classifier import TextClassifier
from slipway.model.signature import Signature

FAMILIES = {
    family.name: family for family in (TextClassifier, TabularClassifier, TabularRegressor, Onnx)
}


def rebuild(
    family: str, config: bytes, signature: Signature, module_packages: Collection[str] = ()
) -> Family:
    """The family of a stored version.

    module_packages: whose classes the family `module` may use. Raises ArtifactRefused for an
    unknown family, a bad config, or a class that is not allowed.
    """
    try:
        if family == Module.name:
            return Module.from_config(config, signature, module_packages)
        if family not in FAMILIES:
            raise ArtifactRefused("manifest.json", f"is of an unknown family {family!r}")
        return FAMILIES[family].from_config(config, signature)
    except ValueError as wrong:
        raise ArtifactRefused("config.json", str(wrong)) from None
