import pytest
from django.core.files.base import ContentFile

from project.files import AtomicFileStorage


@pytest.fixture
def storage(tmp_path):
    return AtomicFileStorage(location=tmp_path)


def test_a_file_is_kept_under_its_name(storage):
    assert storage.save("a/b.txt", ContentFile(b"one")) == "a/b.txt"
    with storage.open("a/b.txt") as file:
        assert file.read() == b"one"


def test_the_same_name_again_takes_the_files_place(storage, tmp_path):
    storage.save("b.txt", ContentFile(b"one"))
    assert storage.save("b.txt", ContentFile(b"two")) == "b.txt"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b.txt", b"two")]


def test_a_file_that_breaks_off_leaves_nothing_and_the_old_one_as_it_was(storage, tmp_path):
    class Breaks(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("disk full")

    storage.save("b.txt", ContentFile(b"one"))
    with pytest.raises(OSError, match="disk full"):
        storage.save("b.txt", Breaks(b""))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b.txt", b"one")]
