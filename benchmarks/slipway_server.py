"""Our predictor, as it is, with the family for measuring known to its loader."""

from benchmarks.models import register
from predictor.__main__ import main

register()
main()
