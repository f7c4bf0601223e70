// One WebSocket by ws on Node, as the JSON of the first argument plans it:
//   url, protocols   whom to ask, for what
//   send             texts, each sent when the one before has come back
//   bytes            then one binary message of this size
//   ping             then a ping with this text
//   last             then this text, and the other side is to end it; without it this side ends with 1000
// Prints what was seen as JSON.
const crypto = require("crypto");
const { WebSocket } = require("ws");

const plan = JSON.parse(process.argv[2]);
const socket = new WebSocket(plan.url, plan.protocols || [], { maxPayload: 64 << 20 });
const seen = { echoed: 0 };
const large = plan.bytes ? crypto.randomBytes(plan.bytes) : null;
const steps = [
  ...(plan.send || []).map((text) => ({ content: text, binary: false })),
  ...(large ? [{ content: large, binary: true }] : []),
];

function finish() {
  if (plan.ping !== undefined && seen.pong === undefined) return socket.ping(plan.ping);
  if (plan.last !== undefined) return socket.send(plan.last);
  socket.close(1000, "done");
}
function step() {
  if (steps.length === 0) return finish();
  socket.send(steps[0].content, { binary: steps[0].binary });
}

socket.on("upgrade", (answer) => { seen.status = answer.statusCode; });
socket.on("open", () => {
  seen.protocol = socket.protocol;
  seen.extensions = socket.extensions;
  step();
});
socket.on("message", (content, isBinary) => {
  const wanted = steps.shift();
  if (isBinary !== wanted.binary || !Buffer.from(wanted.content).equals(content)) process.exit(3);
  seen.echoed += 1;
  step();
});
socket.on("pong", (content) => {
  seen.pong = content.toString();
  finish();
});
socket.on("unexpected-response", (_, answer) => {
  seen.status = answer.statusCode;
  console.log(JSON.stringify(seen));
  process.exit(0);
});
socket.on("error", (error) => { seen.error = error.message; });
socket.on("close", (code, reason) => {
  seen.code = code;
  seen.reason = reason.toString();
  console.log(JSON.stringify(seen));
});
