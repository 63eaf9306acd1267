"""Scores of classifiers as answers."""

import numpy as np
import pytest

from slipway.model.families.base import NotANumber
from slipway.model.families.probabilities import labelled


def test_the_likeliest_label_is_the_answer_and_shares_sum_to_one() -> None:
    (answer,) = labelled(["a", "b"], np.array([[0.0, np.log(3.0)]]))
    assert (answer.prediction, answer.confidence) == ("b", pytest.approx(0.75))
    assert answer.probabilities == pytest.approx({"a": 0.25, "b": 0.75})


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_no_answer(wrong: float) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(NotANumber):
        labelled(["a", "b"], np.array([[0.0, wrong]]))
