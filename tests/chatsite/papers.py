"""The papers of deployment, and programs that are started with them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatsite import environment
from tests.processes import end
from tests.servers import ROOT, Site, wait_for
from tests.tools import is_open, run, tool

DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
GUIDE = ROOT / "docs/deploy.md"
NAME = "chat.example.org"
SETTINGS = {variable.name for variable in environment.VARIABLES}
COMPOSE_VARIABLES = {"SITE": NAME, "SECRET_KEY": "s" * 50, "POSTGRES_PASSWORD": "p" * 20}


@contextmanager
def serving(arguments: list[str], port: int, log: Path, **options) -> Iterator[subprocess.Popen]:
    """A program that listens on this port, ended with the block."""
    with log.open("w") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=output, **options)

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        return is_open(port)

    try:
        wait_for(listens, arguments[0])
        yield process
    finally:
        end(process)


def nginx(folder: Path, site: Site, certificate: Path, port: int, plain: int) -> list[str]:
    """nginx with the file of deploy/, on ports and a certificate of this test."""
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(certificate),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(certificate.with_name("key.pem")),
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "127.0.0.1:8000": f"127.0.0.1:{site.port}",
        NAME: "127.0.0.1",
    }.items():
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\n{text}\n}}\n"
    )
    arguments = [tool("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(config)]
    assert "test is successful" in run(*arguments, "-t")
    return arguments


def caddy(folder: Path, site: Site, certificate: Path, port: int, plain: int) -> list[str]:
    """Caddy with the file of deploy/, on a port and a certificate of this test."""
    text = (DEPLOY / "Caddyfile").read_text()
    opening = f"{{$SITE:{NAME}}} {{\n"
    assert opening in text
    text = text.replace(opening, f"{opening}\ttls {certificate} {certificate.with_name('key.pem')}\n")
    text = text.replace("{$UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{site.port}")
    text = text.replace(f"{{$SITE:{NAME}}}", f"https://127.0.0.1:{port}")
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\thttp_port {plain}\n\tstorage file_system {folder}\n}}\n{text}")
    arguments = ["--config", str(config), "--adapter", "caddyfile"]
    run(tool("caddy"), "validate", *arguments)
    return [tool("caddy"), "run", *arguments]
