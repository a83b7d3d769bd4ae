"""What stands in the place of an erased number."""

from asterisk_callback.domain.keyed_hash import block_of, is_erased, stand_in
from asterisk_callback.domain.phone import mask

NUMBER = "+442079460100"


def test_the_same_number_has_the_same_one_and_nobody_reads_it() -> None:
    one = stand_in(NUMBER, "key")
    assert one == stand_in(NUMBER, "key") != stand_in(NUMBER, "another key")
    assert is_erased(one) and not is_erased(NUMBER) and mask(one) == "erased"
    assert len(one) == 16 and NUMBER[1:-3] not in one


def test_a_block_stays_a_block() -> None:
    block = [f"{NUMBER[:-3]}{n:03}" for n in range(1000)]
    found = {stand_in(one, "key") for one in block}
    assert len(found) == 1000 and len({block_of(one) for one in found}) == 1
    assert block_of(stand_in("+442079461100", "key")) not in {block_of(one) for one in found}
