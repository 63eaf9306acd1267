"""Jobs that are to be tried again at a set time."""

from datetime import datetime

from rq import Queue

from slipway.queue.facts import redis_facts


def put_due(queue: Queue, now: datetime) -> int:
    """Queues the jobs whose time to be tried again has come; how many. Raises Unavailable.

    Whoever removes an entry queues it. RQ's own scheduler would be one more process, forked.
    """
    registry = queue.scheduled_job_registry
    moved = 0
    with redis_facts():
        for job_id in registry.get_jobs_to_schedule(int(now.timestamp())):
            if not registry.connection.zrem(registry.key, job_id):
                continue
            job = queue.fetch_job(job_id)
            if job is not None:
                queue.enqueue_job(job, at_front=True)
                moved += 1
    return moved
