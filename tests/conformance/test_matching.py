"""When an answer says what is expected, and how the difference is told when it does not."""

import pytest

from conformance.matching import compare_fields, compare_whole

STAMP = "20260212    120000"
GOOD = f"121NNY{STAMP}AOKAL|AA2000|ABKB3|AJBlåbær|AH20260312    235959|AFett|AFtvå|"
NAMES = {"card": "2000", "odd": "a~b|c"}.__getitem__


@pytest.mark.parametrize(
    ("expected", "faults"),
    [
        (GOOD, ()),
        ("121NNY~AOKAL|AA{card}|ABKB3|AJ~|AH~|AF~|AF~|", ()),
        ("121~~", ()),
        ("121NNY~AOKAL|AA{card}|~~", ()),
        ("120NUN~AOKAL|AA{card}|~~", ("opening",)),
        ("121NNY~AOKAL|AA{card}|ABKB4|AJ~|AH~|AF~|AF~|", ("AB: expected 'ABKB4', got 'ABKB3'",)),
        ("121NNY~AOKAL|AA{card}|ABKB3|AJ~|AH~|AF~|", ("AF: not expected",)),
        ("121NNY~AOKAL|AA{card}|ABKB3|AJ~|AH~|AF~|AF~|CK001|", ("CK: expected 'CK001', got nothing",)),
        ("121NNY~AOKAL|ABKB3|AA{card}|AJ~|AH~|AF~|AF~|", ("order or delimiters",)),
    ],
)
def test_whole_messages(expected, faults):
    told = compare_whole(expected, GOOD, NAMES)
    assert len(told) == len(faults) and all(one.startswith(start) for one, start in zip(told, faults, strict=True))


@pytest.mark.parametrize(
    ("expected", "faults"),
    [
        ("121NNY~|ABKB3|AA{card}|", ()),
        ("121~|AFtvå|", ()),
        ("121~|AFett|AFtvå|!CV|!AFtre|", ()),
        ("121~|AJBl~r|!AJ0~|", ()),
        ("121~|AFtvå|AFett|", ("AF: expected 'AFett', got nothing",)),
        ("120~|", ("fixed part",)),
        ("121~|CV01|", ("CV: expected 'CV01', got nothing",)),
        ("121~|AH|", ("AH: expected 'AH', got 'AH20260312",)),
        ("121~|!AF|", ("AF: not wanted", "AF: not wanted")),
        ("121~|!AF~v~|", ("AF: not wanted, got 'AFtvå'",)),
    ],
)
def test_fields(expected, faults):
    told = compare_fields(expected, GOOD, NAMES)
    assert len(told) == len(faults) and all(one.startswith(start) for one, start in zip(told, faults, strict=True))


def test_the_fixed_part_is_told_column_by_column():
    (told,) = compare_fields("120~|", GOOD, NAMES)
    assert "ok '1', renewal ok 'N', magnetic media 'N', desensitize 'Y'" in told


def test_a_wildcard_does_not_cross_fields():
    assert compare_whole("941", "941AB|", NAMES) and compare_whole("98~AOKAL|", "98YAMx|AOKAL|", NAMES)


def test_values_filled_in_are_not_wildcards():
    assert compare_fields("121~|AF{odd}|", "121NNYAFaXb|", NAMES)
