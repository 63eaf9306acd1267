"""Every number that decides about drift, and why it is what it is."""

# Under so many rows no verdict is given: the statistics of fewer are mostly noise.
MIN_ROWS = 500
MIN_REFERENCE_ROWS = 100
# The chance that one window of a model is found significant where nothing has changed.
SIGNIFICANCE = 0.01
# The rows of a day are more alike than independent draws: noise counts for this much more.
NOISE_FACTOR = 2.0
# The least effect that is worth a person's attention.
PSI_THRESHOLD = 0.1
JENSEN_SHANNON_THRESHOLD = 0.1
KOLMOGOROV_SMIRNOV_THRESHOLD = 0.1
WASSERSTEIN_THRESHOLD = 0.25  # in standard deviations of the reference
MEAN_THRESHOLD = 0.25  # in standard deviations of the reference
VARIANCE_THRESHOLD = 0.5  # relative
NEW_CATEGORY_THRESHOLD = 0.05
# Standard errors that the distance and the mean of samples of heavy-tailed features stay under.
WASSERSTEIN_NOISE = 4.0
