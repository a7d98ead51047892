// A chat on Socket.IO with its Redis adapter. A connection names itself and its rooms in the address.
// Nothing is stored. `node server.mjs PORT REDIS_URL`

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, redis] = process.argv.slice(2);

const publishing = createClient({ url: redis });
const subscribed = publishing.duplicate();
await Promise.all([publishing.connect(), subscribed.connect()]);

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publishing, subscribed),
  transports: ["websocket"],
  serveClient: false,
});

io.on("connection", (socket) => {
  const { name, rooms } = socket.handshake.query;
  socket.join(rooms.split(","));
  socket.on("message", (room, body) => {
    if (socket.rooms.has(room)) io.to(room).emit("message", { room, sender: name, body });
  });
  socket.emit("ready");
});

http.listen(Number(port), "127.0.0.1");
