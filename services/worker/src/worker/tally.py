"""What is counted along in Redis for those who ask, and what is done when a batch has ended.

Nothing here is needed for a batch to be right: without Redis the reconciler makes it good.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from slipway.batches.finishing import close, finish_if_complete
from slipway.batches.records import Manifest
from slipway.core.errors import Unavailable
from slipway.core.store import Store
from slipway.queue.backlog import Backlog
from slipway.queue.progress import ProgressBook

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tally:
    """The worker's side of the count."""

    store: Store
    backlog: Backlog
    progress: ProgressBook

    def note(self, manifest: Manifest, chunk: int, rows_failed: int) -> None:
        """A chunk was committed here; ends the batch if it was the last."""
        try:
            rows = manifest.chunk_rows[chunk]
            self.backlog.note_done(manifest.batch_id, rows, time.time())
            committed = self.progress.note(manifest, chunk, rows_failed)
        except Unavailable as wrong:
            log.warning("progress not counted", extra={"reason": str(wrong)})
            committed = len(manifest.chunk_rows)  # nobody knows: the store does
        if committed >= len(manifest.chunk_rows):
            self.finish(manifest)

    def finish(self, manifest: Manifest) -> None:
        """Ends the batch if every chunk has its result. Raises Unavailable for the store alone."""
        if finish_if_complete(self.store, manifest, datetime.now(UTC)):
            self.close(manifest)

    def close(self, manifest: Manifest) -> None:
        """Clears what an ended batch does not need any more."""
        close(self.store, manifest.batch_id)
        try:
            self.backlog.forget(manifest.batch_id)
            self.progress.forget(manifest.batch_id)
        except Unavailable as wrong:
            log.warning("batch not cleared yet", extra={"reason": str(wrong)})
