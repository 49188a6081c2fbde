"""A hub on the loopback interface, with as much of the real one's answers as clients need."""

import contextlib
import hashlib
import http.server
import json
import threading
import time
import urllib.parse


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class File:
    """A file of a repository: large ones are kept outside git and are known by their SHA-256."""

    def __init__(self, content, large):
        self.content, self.large = content, large
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.blob = git_sha1(b"pointer to " + self.sha256.encode() if large else content)
        self.etag = self.sha256 if large else self.blob

    def entry(self, path):
        lfs = {"lfs": {"oid": self.sha256, "size": len(self.content), "pointerSize": 134}} if self.large else {}
        return {"type": "file", "path": path, "oid": self.blob, "size": len(self.content), **lfs}


class Repository:
    def __init__(self, commit, files):
        self.commit, self.files = commit, files


class StandInHub:
    """Serves repositories; large contents are on another host name, as they are in the real hub."""

    def __init__(self, repositories, pause=0.0):
        self.repositories, self.pause, self.requests = repositories, pause, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def contents(self):
        """The requests for contents since the last call."""
        found = [line for line in self.requests if line.startswith("GET") and ("/resolve/" in line or "/cdn/" in line)]
        self.requests.clear()
        return found

    def _handler(hub):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_HEAD(self):
                self.do_GET()

            def do_GET(self):
                hub.requests.append(f"{self.command} {self.path}")
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._answer(urllib.parse.unquote(urllib.parse.urlsplit(self.path).path))

            def _answer(self, path):
                for name, repository in hub.repositories.items():
                    if path.startswith(f"/cdn/{name}/"):
                        return self._content(repository.files[path.removeprefix(f"/cdn/{name}/")])
                    if path == f"/api/models/{name}" or path.startswith(f"/api/models/{name}/revision/"):
                        siblings = [{"rfilename": each} for each in repository.files]
                        return self._json({"id": name, "modelId": name, "sha": repository.commit,
                                           "private": False, "gated": False, "siblings": siblings})
                    if path.startswith(f"/api/models/{name}/tree/"):
                        return self._json([each.entry(key) for key, each in repository.files.items()])
                    if path.startswith(f"/{name}/resolve/"):
                        return self._resolve(name, repository, path.removeprefix(f"/{name}/resolve/").split("/", 1)[1])
                return self._send(401, {"X-Error-Code": "RepoNotFound"}, b"")

            def _resolve(self, name, repository, path):
                headers = {"X-Repo-Commit": repository.commit}
                file = repository.files.get(path)
                if not file:
                    return self._send(404, headers | {"X-Error-Code": "EntryNotFound"}, b"")
                if not file.large:
                    return self._content(file, headers)
                return self._send(302, headers | {
                    "X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(len(file.content)),
                    "Location": f"http://localhost:{hub.port}/cdn/{name}/{path}"}, b"")

            def _json(self, value):
                self._send(200, {"Content-Type": "application/json"}, json.dumps(value).encode())

            def _content(self, file, headers=None):
                headers = dict(headers or {}, ETag=f'"{file.etag}"')
                start = self.headers.get("Range", "")
                if start:
                    first = int(start.removeprefix("bytes=").split("-")[0])
                    headers["Content-Range"] = f"bytes {first}-{len(file.content) - 1}/{len(file.content)}"
                    return self._send(206, headers, file.content[first:])
                return self._send(200, headers, file.content)

            def _send(self, status, headers, body):
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "HEAD":
                    return
                step = max(1, len(body) // 20) if hub.pause else max(1, len(body))
                for at in range(0, len(body), step):
                    self.wfile.write(body[at:at + step])
                    self.wfile.flush()
                    time.sleep(hub.pause)

        return Handler

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.server.shutdown()
        self.server.server_close()
