"""Serves the repositories of a folder over TLS, as git hosts do, to whoever knows the password; prints its port.

    https_server.py <folder> <key> <certificate> <log>       with "user:password" on standard input

Who asks for what is noted in <log>: "<host asked for> <path> <user:password, or ->". What lies under /elsewhere/<host>/ is sent on
to that host on the same port. Under /silent/ nothing is ever answered; under /trickle/ a byte a second is.
"""

import base64
import http.server
import ssl
import subprocess
import sys
import time

folder, key, certificate, log_path = sys.argv[1:]
login = sys.stdin.readline().strip()
BACKEND = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip() + "/git-http-backend"


class GitHost(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve(b"")

    def do_POST(self):
        self.serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def serve(self, body):
        given = self.headers.get("Authorization", "")
        given = base64.b64decode(given[6:]).decode() if given.startswith("Basic ") else "-"
        with open(log_path, "a", encoding="utf-8") as log:
            log.write(f"{self.headers['Host'].split(':')[0]} {self.path} {given}\n")
        where, _, rest = self.path[1:].partition("/")
        if where == "elsewhere":
            host, _, rest = rest.partition("/")
            self.answer(302, [("Location", f"https://{host}:{self.server.server_port}/{rest}")])
        elif where == "silent":
            time.sleep(600)
        elif where == "trickle":
            self.trickle()
        elif given != login:
            self.answer(401, [("WWW-Authenticate", "Basic realm=test")])
        else:
            self.backend(body)

    def backend(self, body):
        path, _, query = self.path.partition("?")
        environment = {
            "GIT_PROJECT_ROOT": folder,
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        done = subprocess.run([BACKEND], input=body, capture_output=True, env=environment, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = [tuple(line.split(": ", 1)) for line in head.decode().splitlines()]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        self.answer(status, [field for field in fields if field[0] != "Status"], content)

    def trickle(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b"0")
            self.wfile.flush()
            time.sleep(1)

    def answer(self, status, fields, content=b""):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that went away


server = Quiet(("127.0.0.1", 0), GitHost)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
