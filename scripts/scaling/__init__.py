"""make scaling: what the autoscaler's policy makes of a spike, a ramp and a day."""
