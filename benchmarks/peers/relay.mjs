// The peer: a bare Node socket.io relay, HTTP POST → one `change` to all. WebSockets without compression.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.emit("change", JSON.parse(Buffer.concat(parts)));
    response.writeHead(200, { "content-type": "application/json", "content-length": 2 });
    response.end("{}");
  });
});
const io = new Server(http, { path: "/console/socket.io", perMessageDeflate: false });
http.keepAliveTimeout = 75_000;
http.listen(Number(process.argv[2]), "127.0.0.1");
