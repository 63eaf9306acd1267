"""What schemathesis does not know by itself: lines of JSON are sent as they are.

Whatever is sent as lines is a string; a body that is no string (`false` for "a string") cannot be
sent at all, it would arrive as the string of its letters, a line like any other.
"""

from typing import Any

import schemathesis

LINES = "application/x-ndjson"
schemathesis.serializer.alias(LINES, "text/plain")


@schemathesis.hook
def filter_case(_: Any, case: Any) -> bool:
    return case.media_type != LINES or isinstance(case.body, str | bytes)
