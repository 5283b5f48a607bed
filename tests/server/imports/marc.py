"""Records as libraries have them, in MARC 21, for tests to bend."""

from pymarc import Field, Indicators, Record, Subfield

BOOK_LEADER = "00000nam a2200000 a 4500"


def field(tag: str, *parts: str) -> Field:
    """`aSult` is subfield a; of control fields the one part is the data."""
    if tag < "010":
        return Field(tag=tag, data=parts[0])
    return Field(
        tag=tag,
        indicators=Indicators("1", "0"),
        subfields=[Subfield(code=part[0], value=part[1:]) for part in parts],
    )


def record(*fields: Field, leader: str = BOOK_LEADER) -> Record:
    made = Record(leader=leader)
    made.add_field(*fields)
    return made


def coded(audience: str) -> Field:
    """Field 008 of a Norwegian book of 1890."""
    return field("008", f"850101s1890    no     {audience}            nob  ")


def sult(**more: str) -> Record:
    own = [
        field("001", "b1"),
        field("020", "a82-05-27748-6 ib."),
        field("100", "aHamsun, Knut,"),
        field("245", "aSult /"),
    ]
    return record(*own, field("852", "pKB1", "bKAL-S", "hHam"), *(field(tag[1:], data) for tag, data in more.items()))


def iso(one: Record, encoding: str = "utf-8", label: str = "a") -> bytes:
    """The record in these letters, with lengths that fit them, under this label."""
    base, directory, body = b"", b"", b""
    for one_field in one.get_fields():
        if one_field.control_field:
            data = as_bytes(one_field.data or "", encoding)
        else:
            data = "".join(one_field.indicators).encode()
            data += b"".join(b"\x1f" + sub.code.encode() + as_bytes(sub.value, encoding) for sub in one_field.subfields)
        directory += f"{one_field.tag}{len(data) + 1:04}{len(body):05}".encode()
        body += data + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    leader = f"{length:05}{str(one.leader)[5:9]}{label}22{base:05}{str(one.leader)[17:20]}4500".encode()
    return leader + directory + b"\x1e" + body + b"\x1d"


ANSEL = {
    "ø": b"\xb2",
    "Ø": b"\xa2",
    "æ": b"\xb5",
    "Æ": b"\xa5",
    "å": b"\xeaa",
    "Å": b"\xeaA",
    "ä": b"\xe8a",
    "ö": b"\xe8o",
}
ANSEL |= {"é": b"\xe2e", "ü": b"\xe8u", "ñ": b"\xe4n", "Ö": b"\xe8O", "Ä": b"\xe8A", "Ü": b"\xe8U"}


def as_bytes(text: str, encoding: str) -> bytes:
    if encoding != "marc-8":
        return text.encode(encoding)
    return b"".join(ANSEL.get(letter, letter.encode()) for letter in text)
