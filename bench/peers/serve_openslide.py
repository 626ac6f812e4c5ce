"""The logic of OpenSlide's example deepzoom_server on the standard library: one OpenSlide and one DeepZoomGenerator for all requests, a thread a connection, tiles encoded by PIL.

Arguments: slide tile_size overlap quality. Prints "listening PORT VERSION", then serves /slide_files/LEVEL/X_Y.jpeg on 127.0.0.1 until it is killed.
"""
import io
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openslide
from openslide.deepzoom import DeepZoomGenerator

slide = openslide.OpenSlide(sys.argv[1])
pyramid = DeepZoomGenerator(slide, tile_size=int(sys.argv[2]), overlap=int(sys.argv[3]), limit_bounds=False)
quality = int(sys.argv[4])
address = re.compile(r"^/slide_files/(\d+)/(\d+)_(\d+)\.jpeg$")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as ours are
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for head and body

    def do_GET(self):
        match = address.match(self.path)
        try:
            level, column, row = (int(group) for group in match.groups())
            tile = pyramid.get_tile(level, (column, row))
        except (AttributeError, ValueError):
            self.send_error(404)
            return
        buffer = io.BytesIO()
        tile.save(buffer, "jpeg", quality=quality)
        body = buffer.getvalue()
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


server = Server(("127.0.0.1", 0), Handler)
print("listening", server.server_address[1], openslide.__version__, flush=True)
server.serve_forever()
