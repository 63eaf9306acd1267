import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.model.families import text_batches
from slipway.model.families.text_batches import counted_buckets
from slipway.model.families.text_features import NgramOptions, counted, ngram_buckets, ngrams

TEXTS = st.text(max_size=200)


@given(TEXTS)
def test_every_ngram_lies_within_the_text_and_the_table(text: str) -> None:
    found = ngrams(text, NgramOptions(buckets=1024))
    assert len(found.buckets) == len(found.starts) == len(found.ends)
    assert ((found.buckets >= 0) & (found.buckets < 1024)).all()
    assert ((found.starts >= 0) & (found.starts <= found.ends) & (found.ends <= len(text))).all()


@given(TEXTS)
def test_the_same_text_gives_the_same_ngrams(text: str) -> None:
    assert (ngrams(text, NgramOptions()).buckets == ngrams(text, NgramOptions()).buckets).all()


def test_a_word_is_the_same_wherever_it_stands() -> None:
    words = NgramOptions(word_max=1, char_min=2, char_max=2, shape=False)
    here = ngrams("free", words)
    there = ngrams("you won a free phone", words)
    place = list(zip(there.starts.tolist(), there.ends.tolist(), strict=True)).index((10, 14))
    assert there.buckets[place] == here.buckets[0]


def test_case_does_not_matter_and_positions_stay_true() -> None:
    options = NgramOptions(shape=False)
    assert (ngrams("İstanbul FREE", options).ends == ngrams("İSTANBUL free", options).ends).all()
    assert (ngrams("FREE", options).buckets == ngrams("free", options).buckets).all()


def test_counts_of_ngrams_are_those_of_the_definition() -> None:
    text = "win cash now"
    options = NgramOptions(word_max=2, char_min=2, char_max=5, shape=False)
    padded = len(text) + 2
    expected = 3 + 2 + sum(padded - size + 1 for size in range(2, 6))
    assert len(ngrams(text, options).buckets) == expected


def test_characters_beyond_the_first_plane_are_features_too() -> None:
    options = NgramOptions(shape=False)
    assert not np.array_equal(ngrams("🙂🙂", options).buckets, ngrams("🙁🙁", options).buckets)


def test_an_empty_text_has_none() -> None:
    assert len(ngrams("", NgramOptions()).buckets) == 0


OPTIONS = (
    NgramOptions(),
    NgramOptions(word_max=0, shape=False, char_min=3, char_max=3),
    NgramOptions(word_max=1, buckets=1024, char_max=8),
)


@given(TEXTS, st.sampled_from(OPTIONS))
def test_the_buckets_alone_are_those_of_the_ngrams(text: str, options: NgramOptions) -> None:
    assert ngram_buckets(text, options).tolist() == ngrams(text, options).buckets.tolist()


@given(st.lists(st.integers(0, 9), max_size=30))
def test_distinct_buckets_are_counted(found: list[int]) -> None:
    buckets, counts = counted(np.array(found, dtype=np.int64))
    distinct, times = np.unique(np.array(found, dtype=np.int64), return_counts=True)
    assert (buckets.tolist(), counts.tolist()) == (distinct.tolist(), times.tolist())


ODD = st.text(st.sampled_from("aB 3 0é漢🙂İ\ud800"), max_size=40)


@given(st.lists(TEXTS | ODD, max_size=12), st.sampled_from(OPTIONS))
def test_many_texts_at_once_have_the_buckets_of_each(
    texts: list[str], options: NgramOptions
) -> None:
    for group_characters in (text_batches.GROUP_CHARACTERS, 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text_batches, "GROUP_CHARACTERS", group_characters)
            found = counted_buckets(texts, options)
        assert len(found.starts) == len(texts) + 1
        for text, start, end in zip(texts, found.starts, found.starts[1:], strict=False):
            alone = counted(ngram_buckets(text, options))
            assert found.buckets[start:end].tolist() == alone[0].tolist()
            assert found.counts[start:end].tolist() == alone[1].tolist()


def test_the_steps_of_a_texts_shape_are_the_same_at_every_length() -> None:
    options = NgramOptions(word_max=0, char_min=2, char_max=2)
    texts = [("A1" * 3_000)[:length] for length in range(1, 2_000, 7)]
    found = counted_buckets(texts, options)
    for text, start, end in zip(texts, found.starts, found.starts[1:], strict=False):
        assert (
            found.buckets[start:end].tolist() == counted(ngram_buckets(text, options))[0].tolist()
        )
