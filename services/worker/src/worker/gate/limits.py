"""Every number that the gate holds a challenger against, and why it is what it is."""

# On the frozen holdout, a challenger may lose so much (of accuracy; of a regression: relative to
# the champion's mean error) to what it gained on newer traffic.
HOLDOUT_TOLERANCE = 0.02
# A group is worse only where its interval says so beyond this, and groups under so many rows say
# nothing; the interval is wide, since there are many groups.
GROUP_TOLERANCE = 0.02
GROUP_MIN_ROWS = 30
GROUP_LEVEL = 0.99
# Of one row alone, as a caller asks: twice the champion's median, beyond a millisecond of noise.
LATENCY_RATIO = 2.0
LATENCY_FLOOR_SECONDS = 0.001
LATENCY_ROWS = 200
# Bytes of all files: memory and start-up follow them.
SIZE_RATIO = 2.0
SIZE_FLOOR_BYTES = 1_000_000
