import pytest
from pydantic import ValidationError

from slipway.core.errors import UnknownSetting
from slipway.core.settings import KNOWN_NAMES, PROCESSES, PredictorSettings


def test_a_misspelt_setting_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(UnknownSetting, match="Did you mean SLIPWAY_DEFAULT_MODEL"):
        PredictorSettings.read({"SLIPWAY_DEFAULT_MODLE": "spam"})


def test_a_wrong_value_names_its_setting() -> None:
    with pytest.raises(UnknownSetting, match="SLIPWAY_WORKERS"):
        PredictorSettings.read({"SLIPWAY_WORKERS": "many"})


def test_settings_of_another_process_are_no_error() -> None:
    assert PredictorSettings.read(dict.fromkeys(KNOWN_NAMES - _own(), "1")).workers == 2


def test_settings_do_not_change_after_start() -> None:
    with pytest.raises(ValidationError):
        PredictorSettings.read({}).port = 1  # type: ignore[misc]


def test_every_process_starts_from_its_defaults() -> None:
    assert [process.read({}).log_level for process in PROCESSES] == ["INFO"] * len(PROCESSES)


def _own() -> set[str]:
    return {f"SLIPWAY_{field.upper()}" for field in PredictorSettings.model_fields}
