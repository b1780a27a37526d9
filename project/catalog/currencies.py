"""Currencies: which there are, and how many decimals their amounts have."""

from decimal import Decimal

# ISO 4217, list one, of 2025: those whose amounts have not two decimals. The few with four are not sold in.
NONE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905  shorter
THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905  likewise

# The same list, without what nobody pays with: metals, funds, units of account, and those of four decimals.
KNOWN = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI
    UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  likewise
)


def decimals(currency: str) -> int:
    """Return how many decimals an amount in the currency has."""
    if currency in NONE:
        return 0
    return 3 if currency in THREE else 2


def unit(currency: str) -> Decimal:
    """Return the smallest amount of the currency, to which sums are rounded."""
    return Decimal(1).scaleb(-decimals(currency))


def fits(amount: Decimal, currency: str) -> bool:
    """Tell whether the amount has no more decimals than the currency."""
    return amount == amount.quantize(unit(currency))
