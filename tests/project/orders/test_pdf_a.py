"""What PDF/A-3 (ISO 19005-3) and Factur-X ask of the file, as far as it shows in the file's structure."""

import io
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from facturx import get_facturx_xml_from_pdf

from project.orders import einvoice, pdf
from tests.contents import content, credit_note, goods

SAID = {
    "invoice": content(*goods(40)),
    "credit note": credit_note(),
    "scripts": content(("漢字 عربي עברית Ελληνικά", 1, "1", "19")),
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
EXTENSION = "{http://www.aiim.org/pdfa/ns/extension/}"


@pytest.fixture(params=SAID)
def document(request):
    with pikepdf.open(io.BytesIO(pdf.render(SAID[request.param]))) as opened:
        opened.said = SAID[request.param]
        yield opened


@pytest.fixture
def metadata(document):
    return ET.fromstring(document.Root.Metadata.read_bytes())


def values(metadata, name):
    return [element.text for element in metadata.iter(name)]


def test_it_says_that_it_is_pdf_a_3b_in_one_block_that_names_nothing_twice(metadata):
    assert (values(metadata, f"{PDFA}part"), values(metadata, f"{PDFA}conformance")) == (["3"], ["B"])
    [block] = metadata.iter(f"{RDF}RDF")
    names = [element.tag for description in block for element in description]
    assert len(names) == len(set(names))


def test_it_says_that_it_holds_an_e_invoice_and_what_the_words_for_that_mean(metadata):
    said = {element.tag.removeprefix(FX): element.text for element in metadata.iter() if element.tag.startswith(FX)}
    assert said == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    [schemas] = metadata.iter(f"{EXTENSION}schemas")
    assert FX.strip("{}") in values(schemas, f"{SCHEMA}namespaceURI")
    assert set(said) <= {element.text for element in schemas.iter("{http://www.aiim.org/pdfa/ns/property#}name")}


def test_the_xml_is_attached_as_another_form_of_the_whole(document):
    [attached] = document.Root.AF
    assert (str(attached.AFRelationship), str(attached.UF), str(attached.F)) == (
        "/Alternative",
        "factur-x.xml",
        "factur-x.xml",
    )
    assert str(attached.EF.F.Subtype) == "/text/xml"
    assert attached.EF.F.Params.ModDate
    assert attached.EF.F.read_bytes() == einvoice.xml_of(document.said)
    assert [*document.attachments] == ["factur-x.xml"]


def test_what_reads_factur_x_finds_the_xml():
    name, xml = get_facturx_xml_from_pdf(pdf.render(content()), check_xsd=True)
    assert (name, xml) == ("factur-x.xml", einvoice.xml_of(content()))


def test_colours_have_a_profile_and_nothing_is_encrypted(document):
    [intent] = document.Root.OutputIntents
    assert str(intent.S) == "/GTS_PDFA1"
    assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
    assert not document.is_encrypted
    assert len(document.trailer.ID) == 2


def test_all_fonts_are_embedded_and_say_what_their_signs_mean(document):
    fonts = [font for page in document.pages for font in page.Resources.Font.values()]
    assert fonts
    for font in fonts:
        assert font.ToUnicode.read_bytes()
        [descendant] = font.DescendantFonts
        assert {"/FontFile2", "/FontFile3"} & set(descendant.FontDescriptor.keys())


def test_the_metadata_can_be_read_without_unpacking(document):
    assert "/Filter" not in document.Root.Metadata


def test_nothing_in_it_runs_or_loads(document):
    forbidden = {"/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/URI"}
    for thing in document.objects:
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            assert not forbidden & set(thing.keys())


def test_it_is_tagged_and_says_its_title_language_and_date(document):
    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang) == "en"
    with document.open_metadata() as metadata:
        assert metadata["dc:title"] == f"{document.said.kind.capitalize()} {document.said.number}"
        assert metadata["xmp:CreateDate"].startswith("2026-11-25")


def test_fonts_are_cut_down_to_what_is_shown():
    assert len(pdf.render(SAID["scripts"])) < 100_000
