"""Servers on this machine, for the tests: of the built book, and real ones of Jupyter."""

import json
import secrets
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from the_book import READER, ROOT


class Silent(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path, handler: type[SimpleHTTPRequestHandler] = Silent) -> Iterator[str]:
    """Serve a folder on a free port of this machine, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class JupyterServer:
    """A running server: its address, its token, and what it wrote."""

    address: str
    token: str
    log: Path

    def running_kernels(self) -> list[dict]:
        """Return what the server tells about its kernels."""
        with urllib.request.urlopen(f"{self.address}/api/kernels?token={self.token}") as answer:
            return json.load(answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyter(program: str, log: Path, *options: str, root: Path = ROOT) -> Iterator[JupyterServer]:
    """Start `program` (such as "jupyter-lab") from the environment of a reader."""
    if not (READER / ".book").is_file():
        pytest.fail("The environment of a reader is missing: `make test` sets it up.")
    port, token = free_port(), secrets.token_hex(8)
    command = [
        READER / "bin" / program,
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.ip=127.0.0.1",
        "--no-browser",
        "--allow-root",
        *options,
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=root)
        server = JupyterServer(f"http://127.0.0.1:{port}", token, log)
        try:
            wait_for(server, process)
            yield server
        finally:
            end(process)


def end(process: subprocess.Popen) -> None:
    """Stop a server; one that was told to stop while it still starts may never end by itself."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(server: JupyterServer, process: subprocess.Popen) -> None:
    for _ in range(2400):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.address}/api").close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.25)
    raise RuntimeError(f"the server does not answer:\n{server.log.read_text()[-3000:]}")
