"""Certificates made for tests: an authority in two steps for the desk, two authorities for machines, and clients."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, name: str, *chain: "Signed") -> tuple[Path, Path]:
        """`name.pem`, with the chain behind it, and `name.key`."""
        pem, key = folder / f"{name}.pem", folder / f"{name}.key"
        pem.write_bytes(b"".join(one.pem() for one in (self, *chain)))
        key.write_bytes(self.key_pem())
        return pem, key


def signed(name: str, by: Signed | None = None, *, authority: bool = False, dns: str | None = None) -> Signed:
    """A certificate for `name`, signed by itself or by another."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
    return Signed(builder.sign(by.key if by else key, hashes.SHA256()), key)


ROOT = signed("Root", authority=True)
MIDDLE = signed("Middle", ROOT, authority=True)
DESK = signed("desk", MIDDLE, dns="desk.example.org")
MACHINES = signed("Machines", authority=True)
OTHER_MACHINES = signed("Other machines", authority=True)


def trusting(root: Signed = ROOT) -> ssl.SSLContext:
    """A client that believes whom `root` believes, and shows nothing."""
    return ssl.create_default_context(cadata=root.pem().decode())


def showing(folder: Path, machine: Signed) -> ssl.SSLContext:
    client = trusting()
    client.load_cert_chain(*machine.write(folder, "machine"))
    return client
