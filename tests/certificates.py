"""Certificates for servers on this computer, from an authority made for the test."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from shutil import which

import pytest

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
SERVERS = {
    "good": ("IP:127.0.0.1", 2),
    "other": ("DNS:other.example", 2),
    "expired": ("IP:127.0.0.1", -1),
}


def make_certificates(folder: Path) -> Path:
    """Write an authority `ca.pem`, a certificate of each of SERVERS from it, and one that is signed by itself."""
    if which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not here")
    authority = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    _openssl(
        folder,
        "req",
        "-x509",
        *EC,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=ca",
        "-days",
        "2",
        *authority,
    )
    for name, (address, days) in SERVERS.items():
        (folder / f"{name}.ext").write_text(
            f"subjectAltName={address}\nextendedKeyUsage=serverAuth\n", encoding="ascii"
        )
        _openssl(folder, "req", *EC, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        _openssl(
            folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-extfile", f"{name}.ext", "-days", str(days), "-out", f"{name}.pem",
        )  # fmt: skip
    _openssl(
        folder, "req", "-x509", *EC, "-keyout", "alone.key", "-out", "alone.pem", "-subj", "/CN=alone", "-days", "2",
        "-addext", "subjectAltName=IP:127.0.0.1",
    )  # fmt: skip
    return folder


def server_tls(folder: Path, name: str = "good") -> ssl.SSLContext:
    """Return what a server shows who has the certificate of that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def _openssl(folder: Path, *args: str) -> None:
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)
