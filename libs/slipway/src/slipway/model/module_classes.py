"""Classes of a team's own, by name: from packages that a setting allows, and nothing else."""

import importlib
import re
from collections.abc import Collection

import torch

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


def module_class(path: str, packages: Collection[str]) -> type[torch.nn.Module]:
    """The class that `package.module:Class` names.

    Raises ValueError, before anything is imported, for a package that is not allowed; and for one
    that is not installed, or whose name is no class of modules.
    """
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} names no class (package.module:Class)")
    module, _, name = path.partition(":")
    package = module.partition(".")[0]
    if package not in packages:
        allowed = ", ".join(sorted(packages)) or "none"
        raise ValueError(
            f"{path} is of the package {package!r}, which SLIPWAY_MODULE_PACKAGES does not allow "
            f"(it allows {allowed})"
        )
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as wrong:
        raise ValueError(f"{path} cannot be imported here: {wrong}") from None
    if not isinstance(found, type) or not issubclass(found, torch.nn.Module):
        raise ValueError(f"{path} is no class of torch.nn.Module")
    return found
