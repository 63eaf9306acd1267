"""The training set: the champion's own data and labelled traffic; poisoned labels make none."""

from collections.abc import Sequence

import pytest

from monitor.retraining.brakes import Refused
from monitor.retraining.keys import check_keys, limited
from monitor.retraining.labelled import Labelled
from monitor.retraining.making_set import Bounds, make_set, newest_places
from slipway.model.datasets.records import Row
from slipway.model.signature import Field, Output, Signature

SIGNATURE = Signature(
    (Field("message", "text", min_length=1),), Output("classification", ("not_spam", "spam"))
)
TABLE = Signature((Field("age", "integer"),), Output("classification", ("no", "yes")))
BOUNDS = Bounds(min_labels=100, newest_ratio=0.3, max_key_ratio=0.5)
PARENT = [
    *(Row({"message": f"original {i}"}, "not_spam") for i in range(40)),
    *(Row({"message": f"kept {i}"}, "spam", part="holdout") for i in range(10)),
]


def labelled(number: int, **different: object) -> Labelled:
    values = {
        "source": f"r-{number}/0",
        "time": 1000.0 + number,
        "instance": {"message": f"live {number}"},
        "target": "spam" if number % 3 == 0 else "not_spam",
        "predicted": "spam" if number % 3 == 0 else "not_spam",
        "version": "1.0.0",
        "key_id": f"key-{number % 4}",
    }
    return Labelled(**(values | different))  # type: ignore[arg-type]


def many(count: int = 300) -> list[Labelled]:
    return [labelled(number) for number in range(count)]


def parts(rows: Sequence[Row]) -> dict[str, int]:
    return {part: sum(r.part == part for r in rows) for part in ("training", "holdout", "newest")}


def test_traffic_joins_the_champions_data_and_the_holdout_stays() -> None:
    made = make_set(PARENT, many(), SIGNATURE, BOUNDS)
    assert parts(made.rows) == {"training": 40 + 200, "holdout": 10, "newest": 100}
    assert made.live == 300 and not made.holdout_is_new
    assert [row for row in made.rows if row.part == "holdout"] == PARENT[40:]


def test_the_newest_rows_are_on_both_sides_in_slices_of_time() -> None:
    places = newest_places(1000, 0.2)
    assert len(places) == 200 and 999 in places and 990 in places and 989 not in places
    assert min(places) == 610


def test_data_without_a_holdout_gets_one_that_is_the_same_every_time() -> None:
    first = make_set(PARENT[:40], many(), SIGNATURE, BOUNDS)
    again = make_set(PARENT[:40], many(310), SIGNATURE, BOUNDS)
    held = [[row for row in made.rows if row.part == "holdout"] for made in (first, again)]
    assert first.holdout_is_new and held[0] == held[1] and 2 < len(held[0]) < 20


def test_the_same_text_counts_once_with_its_last_label() -> None:
    rows = [*many(), labelled(300, instance={"message": "LIVE  1 "}, target="spam")]
    made = make_set(PARENT, rows, SIGNATURE, BOUNDS)
    found = [row for row in made.rows if row.instance["message"].split()[-1:] == ["1"]]
    assert [row.target for row in found if row.live] == ["spam"]
    assert made.left_out["repeated"] == 1


def test_what_is_in_the_holdout_is_never_trained_on() -> None:
    rows = [*many(), labelled(300, instance={"message": "Kept 3"})]
    made = make_set(PARENT, rows, SIGNATURE, BOUNDS)
    assert made.live == 300 and made.left_out["in_holdout"] == 1


def test_equal_rows_of_a_table_are_different_people() -> None:
    rows = [labelled(i, instance={"age": 30}, target="yes" if i % 2 else "no") for i in range(300)]
    parent = [Row({"age": 30}, "yes"), Row({"age": 30}, "no", part="holdout")]
    made = make_set(parent, rows, TABLE, BOUNDS)
    assert len(made.rows) == 302


def test_traffic_of_the_champions_own_set_is_not_taken_twice() -> None:
    before = [
        Row({"age": 1}, "no", part="holdout"),
        Row({"age": 30}, "no", time=1.0, source="r-7/0"),
    ]
    rows = [labelled(i, instance={"age": 30}, target="yes" if i % 2 else "no") for i in range(300)]
    made = make_set(before, rows, TABLE, BOUNDS)
    assert sum(row.source == "r-7/0" for row in made.rows) == 1


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([labelled(i, instance=None) for i in range(300)], "no_inputs", "SLIPWAY_CAPTURE_INPUTS"),
        (many(40), "few_labels", "40 usable labelled rows of 40; SLIPWAY_RETRAIN_MIN_LABELS"),
        ([], "few_labels", "0 usable"),
        (
            [labelled(i, target="not_spam", predicted="not_spam") for i in range(300)],
            "one_label",
            "nothing to learn",
        ),
    ],
)
def test_a_refusal_names_the_setting_or_the_count(
    rows: list[Labelled], code: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        make_set(PARENT, rows, SIGNATURE, BOUNDS)
    assert refused.value.code == code


def test_a_key_that_suddenly_labels_everything_ham_is_named() -> None:
    honest = many()
    poison = [labelled(1000 + i, key_id="mallory", target="not_spam") for i in range(0, 90)]
    with pytest.raises(Refused, match="Labels of key mallory contradict the others'") as refused:
        make_set(PARENT, [*honest, *poison], SIGNATURE, BOUNDS)
    assert refused.value.code == "suspect_key"


def test_a_key_that_was_honest_before_is_named_for_its_newest_labels() -> None:
    honest = [labelled(i, key_id="mallory" if i % 2 else "other") for i in range(900)]
    late = [
        labelled(900 + i, key_id="mallory" if i % 2 else "other", target="not_spam")
        if i % 2
        else labelled(900 + i, key_id="other")
        for i in range(300)
    ]
    with pytest.raises(Refused, match="key mallory"):
        make_set(PARENT, [*honest, *late], SIGNATURE, BOUNDS)


def test_keys_with_other_traffic_are_not_suspect() -> None:
    only_ham = [labelled(3 * i + 1, key_id="office") for i in range(100)]
    check_keys([*many(), *only_ham])


def test_a_shift_that_every_key_sees_is_not_suspect() -> None:
    check_keys([labelled(i, predicted="not_spam", target="spam") for i in range(400)])


def test_one_key_may_not_outweigh_all_others() -> None:
    rows = [labelled(i, key_id="loud" if i % 10 else "quiet") for i in range(300)]
    kept, left_out = limited(rows, 0.5)
    assert left_out == {"loud": 240} and sum(row.key_id == "loud" for row in kept) == 30
    with pytest.raises(Refused, match="Key loud gave most of them: 240 are left out"):
        make_set(PARENT, rows, SIGNATURE, BOUNDS)


def test_where_one_key_alone_labels_nothing_is_left_out() -> None:
    rows = [labelled(i, key_id="only") for i in range(300)]
    assert limited(rows, 0.5) == (rows, {})
