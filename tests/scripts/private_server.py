"""Serves a folder over TLS to whoever knows the password; prints its port.  private_server.py <folder> <key> <certificate> <user:password>"""

import base64
import functools
import http.server
import ssl
import sys

folder, key, certificate, login = sys.argv[1:]
expected = "Basic " + base64.b64encode(login.encode()).decode()


class PrivateFolder(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") == expected:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(PrivateFolder, directory=folder))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
