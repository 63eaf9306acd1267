"""Our predictor, as it is, with the family for measuring known to its loader."""

import gc

gc.disable()  # as main does before it imports torch, which the family below needs earlier

from benchmarks.models import register  # noqa: E402
from predictor.__main__ import main  # noqa: E402

register()
main()
