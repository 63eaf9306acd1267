"""make drill: breaks a running stack on purpose and times the alerts."""
