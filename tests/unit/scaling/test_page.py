"""The page shows what the simulation says."""

from scaling.__main__ import PAGE, ROOT, made


def test_the_page_and_its_picture_are_what_the_simulation_makes() -> None:
    page, picture = made(PAGE.read_text())
    assert page == PAGE.read_text()
    assert picture == (ROOT / "docs/images/scaling.svg").read_text()
