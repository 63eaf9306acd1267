"""Requests after which every metric that a dashboard draws has something to say."""

import requests

GOOD = {"message": "See you at noon, bring the keys"}
OTHER = {"message": "Congratulations! You have won a free iPhone."}


def use_numbers(url: str, model: str) -> None:
    """Two windows of predictions of a regression over people."""
    cities = ("Delhi", "Mumbai", "Pune", "Chennai")
    people = [
        {
            "age": 20 + n % 60,
            "salary": 10_000 + 200 * n,
            "city": cities[n % 4],
            "gender": "MF"[n % 2],
        }
        for n in range(500)
    ]
    for _ in range(4):
        answer = requests.post(
            f"{url}/v1/models/{model}/predict", json={"instances": people}, timeout=60
        )
        assert answer.status_code == 200, answer.text


def use_everything(url: str) -> None:
    """Three windows of predictions with all their labels, wrong requests, late ones, and a batch."""

    def post(path: str, body: object, **headers: str) -> requests.Response:
        return requests.post(url + path, json=body, headers=headers, timeout=60)

    for _ in range(3):
        rows = post("/v1/predict", {"instances": [GOOD, OTHER] * 400}).json()
        labels = [
            {"request_id": rows["request_id"], "index": index, "label": row["prediction"]}
            for index, row in enumerate(rows["predictions"])
        ]
        assert post("/v1/feedback", {"labels": labels}).status_code == 202
    for _ in range(30):
        assert post("/v1/predict", {"message": 5}).status_code == 400
    too_long = {"instances": [{"message": "call me back " * 200}] * 100}
    late = {"X-Request-Timeout-Ms": "1"}
    assert post("/v1/predict", too_long, **late).status_code == 504
    batch = {"model": "spam", "instances": [GOOD, OTHER] * 50}
    assert post("/v1/batches", batch).status_code == 202
