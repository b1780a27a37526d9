def test_a_saved_product_is_counted(lamp, jobs):
    assert jobs() == [("statistics.recount_sales", {"product_ids": [lamp.pk]})]


def test_a_loaded_fixture_causes_nothing(lamp, jobs, nothing_waits):
    nothing_waits()
    lamp.save_base(raw=True)
    assert jobs() == []
