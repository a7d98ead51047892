"""The doctor's findings about the machine: disk and open files."""

import shutil

import pytest

from chat.doctor import disk, open_files
from chat.doctor.findings import Level
from tests.doctor.found import sentence


def test_a_disk_with_room_is_in_order(tmp_path):
    finding = disk.space(tmp_path, little=0, too_little=0)
    share = shutil.disk_usage(tmp_path).free / shutil.disk_usage(tmp_path).total
    assert finding.level is (Level.OK if share >= disk.LITTLE_SHARE else Level.WARNING)
    assert "GiB free" in finding.sentence


def test_little_room_is_a_warning_and_too_little_is_wrong(tmp_path):
    assert disk.space(tmp_path, little=2**62, too_little=0).level is Level.WARNING
    assert disk.space(tmp_path, little=2**62, too_little=2**62).level is Level.WRONG


def test_a_folder_that_is_not_there_is_wrong(tmp_path):
    assert disk.space(tmp_path / "nowhere").level is Level.WRONG


def test_the_database_s_own_folder_is_looked_at(db):
    [finding] = disk.check()
    assert "GiB free in" in finding.sentence


@pytest.mark.parametrize(
    ("hard", "level", "figure"), [(1024, Level.WARNING, "1024"), (20_000, Level.OK, "20000"), (-1, Level.OK, "65536")]
)
def test_few_open_files_are_a_warning(hard, level, figure):
    assert figure in sentence([open_files.allowed(hard)], "open files", level)
