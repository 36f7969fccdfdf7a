"""The hub itself: two listeners (the hub, and its CDN on another port), a thread a connection."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local_hub.answers import Connection, Cut, Request
from scripts.local_hub.repository import HubFile, Repository
from scripts.local_hub.switches import Cutter, Pace, Seen, Switches


class LocalHub:
    def __init__(self, folder: Path, switches: Switches | None = None) -> None:
        self.switches = switches or Switches()
        self.cutter = Cutter(self.switches)
        self.seen: list[Seen] = []
        self._pace = Pace()
        found = (place for place in sorted(folder.glob("*/*")) if place.is_dir())
        names = ((f"{place.parent.name}/{place.name}", place) for place in found)
        self.repositories = {name: Repository(name, place) for name, place in names}
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(2)]
        self._ports = [listener.getsockname()[1] for listener in self._listeners]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._ended = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def cdn(self) -> str:
        return f"http://127.0.0.1:{self._ports[1]}"

    @property
    def sent_bytes(self) -> int:
        """Of the bodies of files, so far."""
        return self.cutter.sent

    def commit(self, repository: str) -> str:
        return self.repositories[repository].commit

    def file(self, repository: str, path: str) -> HubFile:
        found = self.repositories[repository].find(path)
        assert found is not None
        return found

    def resolve_path(self, repository: str, path: str) -> str:
        """As ``switches.instead`` and ``seen`` name it."""
        return f"/{repository}/resolve/{self.commit(repository)}/{path}"

    def __enter__(self) -> Self:
        for listener, port in zip(self._listeners, self._ports, strict=True):
            self._start(self._listen, listener, port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.drop_connections()
        for thread in list(self._threads):
            thread.join(10)

    def drop_connections(self) -> None:
        """Cut whatever is open."""
        with self._lock:
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _listen(self, listener: socket.socket, port: int) -> None:
        with suppress(OSError):
            while not self._ended:
                sock, _ = listener.accept()
                with self._lock:
                    self._open.add(sock)
                self._start(self._serve, sock, port)

    def _serve(self, sock: socket.socket, port: int) -> None:
        connection = Connection(sock, self.switches, self._pace, self.cutter)
        try:
            with suppress(OSError, Cut, ValueError):
                while not self.switches.down and (request := connection.read()):
                    self._note(request, port)
                    self._answer(connection, request)
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _note(self, request: Request, port: int) -> None:
        authorization = request.headers.get("authorization", "")
        self.seen.append(
            Seen(request.method, request.path, request.query, request.range, authorization, port)
        )

    def _answer(self, connection: Connection, request: Request) -> None:
        if self.switches.captive:
            page = b"<html><form>Please log in to the campus network.</form></html>"
            connection.send(request, 200, {"content-type": "text/html"}, page)
            return
        parts = request.path.strip("/").split("/")
        match parts:
            case ["api", "models", owner, name]:
                self._list(connection, request, f"{owner}/{name}", None, "info")
            case ["api", "models", owner, name, "revision", revision]:
                self._list(connection, request, f"{owner}/{name}", revision, "info")
            case ["api", "models", owner, name, "tree", revision, *_]:
                self._list(connection, request, f"{owner}/{name}", revision, "tree")
            case [owner, name, "resolve", revision, *path]:
                self._resolve(connection, request, f"{owner}/{name}", revision, "/".join(path))
            case ["mirror" | "cdn", sha256]:
                self._plain(connection, request, self._by_hash(sha256))
            case ["files", owner, name, *path]:
                repository = self.repositories.get(f"{owner}/{name}")
                self._plain(connection, request, repository.find("/".join(path)) if repository else None)
            case _:
                connection.send(request, 404, {})

    def _list(
        self, connection: Connection, request: Request, name: str, revision: str | None, what: str
    ) -> None:
        repository = self._allowed(connection, request, name, revision, listing=True)
        if repository is None:
            return
        blobs = "blobs=" in request.query
        info = repository.info(gated=name in self.switches.gated, blobs=blobs)
        body = info if what == "info" else repository.tree()
        connection.send(request, 200, {"content-type": "application/json"}, body)

    def _resolve(self, connection: Connection, request: Request, name: str, revision: str, path: str) -> None:
        repository = self._allowed(connection, request, name, revision, listing=False)
        if repository is None:
            return
        file = repository.find(path)
        if file is None:
            connection.send(
                request, 404, {"x-error-code": "EntryNotFound", "x-error-message": "Entry not found"}
            )
            return
        headers = {"x-repo-commit": repository.commit}
        to = self.switches.redirect_to
        if not file.large or not to:
            etag = file.sha256 if file.large else file.blob
            self._send_file(connection, request, file, headers | {"etag": f'"{etag}"'})
            return
        host = self.cdn if to == "cdn" else to
        headers |= {
            "location": f"{host}/cdn/{file.sha256}?X-Signature=secret",
            "x-linked-size": str(file.size),
            "x-linked-etag": f'"{file.sha256}"',
        }
        connection.send(request, 302, headers)

    def _plain(self, connection: Connection, request: Request, file: HubFile | None) -> None:
        if file is None:
            connection.send(request, 404, {})
        elif self.switches.redirect_to and not request.path.startswith("/cdn/"):
            host = self.cdn if self.switches.redirect_to == "cdn" else self.switches.redirect_to
            connection.send(request, 302, {"location": f"{host}/cdn/{file.sha256}"})
        else:
            self._send_file(connection, request, file, {})

    def _send_file(
        self, connection: Connection, request: Request, file: HubFile, headers: dict[str, str]
    ) -> None:
        if self.switches.busy > 0 and request.method == "GET":
            self.switches.busy -= 1
            connection.send(request, 429, {"retry-after": self.switches.retry_after})
            return
        place = self.switches.instead.get(request.path, file.place)
        connection.send_file(request, place, headers)

    def _by_hash(self, sha256: str) -> HubFile | None:
        files = (file for repository in self.repositories.values() for file in repository.files)
        return next((file for file in files if file.sha256 == sha256), None)

    def _allowed(
        self, connection: Connection, request: Request, name: str, revision: str | None, *, listing: bool
    ) -> Repository | None:
        """The repository, or None once a refusal was sent, in the words of the real hub."""
        switches = self.switches
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        repository = self.repositories.get(name)
        if repository is None or (name in switches.private and token not in switches.private[name]):
            status = 404 if token else 401
            connection.send(
                request, status, {"x-error-code": "RepoNotFound", "x-error-message": "Repository not found"}
            )
        elif name in switches.disabled:
            connection.send(request, 403, {"x-error-message": "Access to this resource is disabled."})
        elif name in switches.gated and not listing and token not in switches.gated[name]:
            connection.send(
                request,
                403 if token else 401,
                {"x-error-code": "GatedRepo", "x-error-message": f"Access to model {name} is restricted."},
            )
        elif revision not in {None, "main", repository.commit} or revision in switches.missing_revisions:
            connection.send(
                request, 404, {"x-error-code": "RevisionNotFound", "x-error-message": "Invalid rev id"}
            )
        else:
            return repository
        return None
