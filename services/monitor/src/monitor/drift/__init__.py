"""Has the world changed since training? Statistics, their guards, the alarm rule, the watch."""
