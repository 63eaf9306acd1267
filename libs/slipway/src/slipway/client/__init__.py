"""The Python client of a Slipway service.

from slipway.client import Client

with Client("http://127.0.0.1:8000") as service:
    answer = service.predict({"message": "You have won a free iPhone."})
    print(answer.prediction, answer.confidence)
"""

from slipway.client.answers import Answer, BatchState, Contribution, Explained
from slipway.client.client import Client
from slipway.client.transport import Refused, Unreachable

__all__ = [
    "Answer",
    "BatchState",
    "Client",
    "Contribution",
    "Explained",
    "Refused",
    "Unreachable",
]
