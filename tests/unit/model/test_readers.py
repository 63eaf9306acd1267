from pathlib import Path

import msgspec
import pytest

from slipway.core.errors import DataInvalid
from slipway.model.training.readers import read_rows
from slipway.model.training.recipe import Data, DataFile, Recipe, Target

RECIPE = Recipe(
    name="spam",
    family="text-classifier",
    description="",
    data=Data("labelled-lines", ("label", "message"), "sms.txt"),
    target=Target("label", {"ham": "not_spam", "spam": "spam"}),
    inputs=({"name": "message", "type": "text"},),
)


def _rows(folder: Path, text: str | bytes) -> list[tuple[str, str]]:
    body = text if isinstance(text, bytes) else text.encode()
    (folder / "sms.txt").write_bytes(body)
    rows = read_rows(RECIPE, folder)
    return [
        (i["message"], str(label)) for i, label in zip(rows.instances, rows.targets, strict=True)
    ]


def test_quotes_are_ordinary_characters(tmp_path: Path) -> None:
    text = 'ham\t"He said\nspam\tWIN" now\nham\tok\n'
    assert _rows(tmp_path, text) == [
        ('"He said', "not_spam"),
        ('WIN" now', "spam"),
        ("ok", "not_spam"),
    ]


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    text = "ham\tone\u0085two\u2028three\nspam\twin\n"
    assert _rows(tmp_path, text)[0] == ("one\u0085two\u2028three", "not_spam")


def test_repeats_that_differ_in_case_and_space_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "sms.txt").write_text("ham\tSee  you\nham\tsee you \nspam\twin\n", "utf-8")
    rows = read_rows(RECIPE, tmp_path)
    assert (len(rows), rows.repeats) == (2, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ham\tok\nspam win\n", "line 2: 1 columns"),
        ("ham\tok\neggs\thello\n", "label 'eggs'"),
        ("ham\tok\n", "lacks rows"),
        (b"ham\t\xff\n", "not UTF-8"),
    ],
)
def test_data_that_is_not_as_the_recipe_says_is_refused(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    with pytest.raises(DataInvalid, match=told):
        _rows(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="There is no file"):
        read_rows(RECIPE, tmp_path)


def test_files_of_one_class_each_are_read_beside_files_with_a_column_for_it(tmp_path: Path) -> None:
    files = (
        DataFile("sms.txt"),
        DataFile("spam.txt", columns=("message",), constants={"label": "spam"}),
    )
    data = Data("labelled-lines", ("label", "message"), files=files)
    (tmp_path / "sms.txt").write_text("ham\tok\n", "utf-8")
    (tmp_path / "spam.txt").write_text('win "now" ,\t5\n', "utf-8")
    rows = read_rows(msgspec.structs.replace(RECIPE, data=data), tmp_path)
    assert [row["message"] for row in rows.instances] == ["ok", 'win "now" ,\t5']
    assert rows.targets == ["not_spam", "spam"]
