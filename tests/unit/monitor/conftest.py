"""Property tests are about what is computed, not about how long this machine takes."""

from hypothesis import settings

settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")
