"""A connection between a box and its registry that can keep an answer to itself."""

import socket
import threading
from contextlib import contextmanager, suppress


class CuttingProxy:
    """Forwards to ``port``. Once ``cut`` is in what the box sends, the registry's answer is read to its end
    and kept; ``held`` says so.
    """

    def __init__(self, port: int):
        self.target = port
        self.cut = b""
        self.held = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._open: list[socket.socket] = []

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            thread.join(10)

    def _accept(self):
        with suppress(OSError):
            while True:
                box, _ = self._server.accept()
                registry = socket.create_connection(("127.0.0.1", self.target))
                self._open += [box, registry]
                marked = threading.Event()
                for source, sink, answers in ((box, registry, False), (registry, box, True)):
                    arguments = (source, sink, marked, answers)
                    threading.Thread(target=self._copy, args=arguments, daemon=True).start()

    def _copy(self, source, sink, marked, answers):
        with suppress(OSError):
            while data := source.recv(65_536):
                if not answers and self.cut and self.cut in data:
                    marked.set()
                if answers and marked.is_set():
                    self.held.set()
                    continue
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
