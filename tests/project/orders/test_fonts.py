import io
from dataclasses import replace

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from project.orders import pdf
from project.orders.fonts import SUBSTITUTE, legible
from tests.contents import BUYER, content

NAMES = {
    "Latin": "Łukasz Đặng Þórsson Ğüneş Nguyễn",
    "Greek": "Μαρία Παπαδοπούλου Ἀχιλλεύς",
    "Cyrillic": "Ольга Ґалаґан Ђорђе Ұлы",
    "Arabic": "محمد عبد الله شركة النور پریسا گلچین ژاله",
    "Hebrew": "עדה לאבלייס",
    "Chinese": "張偉 张伟 龘",
    "Japanese": "株式会社あかり アカリ",
    "Korean": "김철수 주식회사",
}
UNKNOWN = {
    "Ada 🙂": f"Ada {SUBSTITUTE}",
    "👩‍💻⚡": f"{SUBSTITUTE}{SUBSTITUTE}{SUBSTITUTE}",
    "ไทย": SUBSTITUTE * 3,
    "a\N{RIGHT-TO-LEFT OVERRIDE}b\N{ZERO WIDTH SPACE}c\x00\x1b": "abc",
    "two\nlines\tand  more é": "two lines and more é",
    "字\N{COMBINING TILDE OVERLAY}": "字",
    "\ue000\U0010ffff\ufffe": SUBSTITUTE * 3,
    "É e\N{COMBINING ACUTE ACCENT}": "É é",
    "": "",
}


def rendered(name):
    return pdf.render(content((name, 1, "10", "19"), buyer=replace(BUYER, name=name)))


def page_of(name):
    return pypdfium2.PdfDocument(rendered(name))


def lines_of(document):
    return document[0].get_textpage().get_text_bounded().splitlines()


# By words: what reads PDF puts Arabic and Hebrew ones in an order of its own, which the next test looks at.
@pytest.mark.parametrize("script", NAMES)
def test_a_name_in_any_script_is_shown_and_can_be_read_back(script):
    name = NAMES[script]
    [page] = PdfReader(io.BytesIO(rendered(name))).pages
    shown = page.extract_text().split()
    assert legible(name) == name, "nothing is replaced"
    for word in name.split():
        assert shown.count(word) == 2, "as the customer and as the goods"


@pytest.mark.parametrize("name", ["עדה (ישראל) 12", "محمد (البحرين) 12"])
def test_what_is_written_from_the_right_runs_from_the_right(name):
    with page_of(name) as document:
        text = document[0].get_textpage()
        whole = text.get_text_range()
        first, number = whole.index(name[0]), whole.index("12", whole.index(name[0]))
        assert text.get_charbox(first)[0] > text.get_charbox(number)[2], "the number stands to the left of the name"


@pytest.mark.parametrize("name", UNKNOWN)
def test_signs_that_no_font_has_become_squares_and_what_is_invisible_is_left_out(name):
    assert legible(name) == UNKNOWN[name]
    with page_of(f"Ada {name}.") as document:
        assert f"Ada {UNKNOWN[name]}." in lines_of(document)


def test_marks_that_keep_letters_apart_stay():
    persian = "می\N{ZERO WIDTH NON-JOINER}خواهم"
    assert legible(persian) == persian
    page_of(persian).close()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=10))
def test_whatever_is_written_makes_a_pdf(texts):
    said = content(*((text, 1, "1", "19") for text in texts), buyer=replace(BUYER, name=texts[0]))
    assert pdf.render(said).startswith(b"%PDF-")
