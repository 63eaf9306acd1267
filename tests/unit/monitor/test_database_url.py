"""Where the prediction log is: by URL, with the password in a file of its own."""

from pathlib import Path

from monitor.prediction_log.opening import database_url
from monitor.saturation import local_folders
from slipway.core.settings import MonitorSettings

POSTGRES = "postgresql+psycopg://slipway@postgres:5432/slipway"


def test_without_a_setting_it_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    url = database_url(MonitorSettings(data_dir=tmp_path / "data"))
    assert url.database == str((tmp_path / "data" / "log.db").resolve())
    assert (tmp_path / "data").is_dir()


def test_the_password_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    settings = MonitorSettings(database_url=POSTGRES, database_password_file=tmp_path / "password")
    url = database_url(settings)
    assert url.password == "p@ss/word"
    assert "word" not in str(url)


def test_only_a_log_in_a_file_has_a_folder_to_watch(tmp_path: Path) -> None:
    file = database_url(MonitorSettings(database_url=f"sqlite:///{tmp_path}/log.db"))
    assert local_folders(file, "file:///store") == {"log": tmp_path, "store": Path("/store")}
    assert local_folders(database_url(MonitorSettings(database_url=POSTGRES)), "s3://models") == {}
