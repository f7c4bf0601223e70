// An echo by ws on Node. Prints its port. "close CODE REASON" and "die" are obeyed.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 64 << 20,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (asked) => (asked.has("chat") ? "chat" : false),
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => {
  socket.on("message", (content, isBinary) => {
    const text = isBinary ? "" : content.toString();
    const order = /^close (\d+) (.*)$/.exec(text);
    if (order) socket.close(Number(order[1]), order[2]);
    else if (text === "die") socket.terminate();
    else socket.send(content, { binary: isBinary });
  });
});
process.on("SIGTERM", () => process.exit(0));
