"""API keys: what is kept of them, what a file of them may say."""

import hashlib

import pytest

from slipway.core.api_keys import ApiKey, Scope, digest_of, find, line_of, make_key, read_keys
from slipway.core.errors import KeysInvalid

KEY = "slipway_" + "dG9vMQ" * 7 + "Q"  # fixed: names of tests are made from it
SHOP = ApiKey("shop", digest_of(KEY), frozenset({Scope.PREDICT, Scope.FEEDBACK}))


def test_a_key_holds_256_random_bits_and_no_two_are_alike() -> None:
    keys = {make_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == len("slipway_") + 43 for key in keys)  # 43 × 6 bits


def test_what_is_kept_of_a_key_is_the_sha256_that_any_tool_computes() -> None:
    assert digest_of("abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_key_survives_the_file_among_comments_and_empty_lines() -> None:
    text = f"# who  what\n\n{line_of(SHOP)}   # nothing\n"
    assert read_keys(text) == (SHOP,)
    assert KEY not in text


def test_a_presented_key_is_found_and_a_near_miss_is_not() -> None:
    other = ApiKey("other", digest_of(make_key()), frozenset({Scope.ADMIN}))
    assert find((other, SHOP), KEY) is SHOP
    assert find((other, SHOP), KEY[:-1]) is None
    assert find((other, SHOP), "") is None


def test_the_digest_itself_opens_nothing() -> None:
    assert find((SHOP,), SHOP.digest) is None


def test_a_key_may_what_its_scopes_say_and_admin_may_everything() -> None:
    assert SHOP.may(Scope.PREDICT)
    assert not SHOP.may(Scope.BATCH)
    assert all(ApiKey("root", "", frozenset({Scope.ADMIN})).may(scope) for scope in Scope)


@pytest.mark.parametrize(
    "line",
    [
        "shop",
        f"shop {SHOP.digest}",
        f"shop {SHOP.digest} predict extra",
        f"shop {SHOP.digest} fly",
        f"shop {SHOP.digest} predict,",
        f"shop {KEY} predict",
        f"shop {SHOP.digest.upper()} predict",
        f"a/b {SHOP.digest} predict",
        line_of(SHOP) + line_of(SHOP),
        line_of(SHOP) + f"again {SHOP.digest} predict",
    ],
)
def test_a_wrong_file_is_refused_without_showing_what_it_holds(line: str) -> None:
    with pytest.raises(KeysInvalid) as refused:
        read_keys(line)
    assert KEY not in str(refused.value)
    assert SHOP.digest not in str(refused.value)
