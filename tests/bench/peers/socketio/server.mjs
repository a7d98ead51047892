// A chat on Socket.IO with its Redis adapter. Nothing is stored.
//
// `node server.mjs PORT REDIS_URL`: a connection names itself and its rooms in the address.
// `node server.mjs PORT REDIS_URL signed`: it shows a cookie; who it is and its rooms are in that session, in Redis, and
// the others in these rooms are told who comes and goes.

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, redis, signed] = process.argv.slice(2);

const publishing = createClient({ url: redis });
const subscribed = publishing.duplicate();
const sessions = publishing.duplicate();
await Promise.all([publishing.connect(), subscribed.connect(), sessions.connect()]);

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publishing, subscribed),
  transports: ["websocket"],
  serveClient: false,
});

async function signIn(socket, next) {
  const cookie = /(?:^|; )session=([^;]+)/.exec(socket.handshake.headers.cookie ?? "");
  const session = cookie && (await sessions.get(`session:${cookie[1]}`));
  if (!session) return next(new Error("not signed in"));
  Object.assign(socket.data, JSON.parse(session));
  next();
}

function takeAtItsWord(socket, next) {
  const { name, rooms } = socket.handshake.query;
  Object.assign(socket.data, { name, rooms: rooms.split(",") });
  next();
}

io.use(signed ? signIn : takeAtItsWord);

io.on("connection", (socket) => {
  const { name, rooms } = socket.data;
  socket.join(rooms);
  socket.on("message", (room, body) => {
    if (socket.rooms.has(room)) io.to(room).emit("message", { room, sender: name, body });
  });
  if (signed) {
    socket.on("disconnecting", () => socket.to(rooms).emit("left", { name }));
    socket.to(rooms).emit("joined", { name });
  }
  socket.emit("ready", { name, rooms });
});

http.listen(Number(port), "127.0.0.1");
