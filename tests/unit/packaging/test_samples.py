"""What the sample tells of a model's fields, and what is said of one that cannot be read."""

from pathlib import Path

import pytest

from slipway.core.errors import PackagingRefused
from slipway.model.packaging.fields import fields_of
from slipway.model.packaging.samples import read_sample


def test_a_sample_tells_the_fields(tmp_path: Path) -> None:
    sample = tmp_path / "rows.csv"
    cities = ["Delhi", "Pune"] * 3
    lines = [f'{n},{n if n else ""},{city},"text {n}"' for n, city in enumerate(cities)]
    sample.write_text("\n".join(["age,salary,city,note", *lines]))
    age, salary, city, note = fields_of(read_sample(sample).rows, [{"name": "age", "minimum": 0}])
    assert (age.type, age.minimum, age.required) == ("number", 0, True)
    assert (salary.type, salary.required) == ("number", False)
    assert (city.type, city.allowed, note.type) == ("category", None, "text")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("s.csv", b"a,b\n1\n", "another number of cells"),
        ("s.json", b'{"a": 1}', "no array of rows"),
        ("s.ndjson", b'{"a": NaN}\n', "must be a finite number"),
        ("s.json", b"[1, 2]", "each an object"),
        ("s.xlsx", b"", "one of .json"),
        ("s.ndjson", b'{"a": 1}\n', "2 rows at least"),
    ],
)
def test_a_sample_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(PackagingRefused, match=words):
        read_sample(tmp_path / name)
