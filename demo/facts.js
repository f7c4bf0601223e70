// What a page can know of the way it came, and a few requests that show what the server does with them.
"use strict";

const names = {
  "http/1.0": ["HTTP/1.0", "one request, one connection"],
  "http/1.1": ["HTTP/1.1", "one request at a time"],
  "h2": ["HTTP/2", "many requests on one connection"],
  "h3": ["HTTP/3", "over QUIC"],
};

function say(fact, text, note) {
  document.querySelector(`[data-fact="${fact}"]`).textContent = text;
  document.querySelector(`[data-note="${fact}"]`).textContent = note;
}

function milliseconds(value) {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

function tellArrival() {
  const page = performance.getEntriesByType("navigation")[0];
  if (!page) return;
  const [name, note] = names[page.nextHopProtocol] ?? [page.nextHopProtocol || "cached", ""];
  const encrypted = location.protocol === "https:" ? "encrypted" : "not encrypted";
  say("protocol", name, note ? `${note}, ${encrypted}` : encrypted);

  if (location.protocol !== "https:") {
    say("handshake", "none", "this is plain HTTP");
  } else if (page.secureConnectionStart > 0 && page.connectEnd > page.secureConnectionStart) {
    say("handshake", milliseconds(page.connectEnd - page.secureConnectionStart), "for this page");
  } else {
    say("handshake", "0 ms", "the connection was already open");
  }
  say("first-byte", milliseconds(page.responseStart - page.requestStart), "from request to first byte");

  const style = performance.getEntriesByType("resource").find((r) => r.name.endsWith("/style.css"));
  if (!style || !style.decodedBodySize) return;
  if (style.transferSize === 0) {
    say("compressed", "cached", `${style.decodedBodySize} bytes, not asked for again`);
  } else if (style.encodedBodySize < style.decodedBodySize) {
    const saved = Math.round(100 - (100 * style.encodedBodySize) / style.decodedBodySize);
    say("compressed", `−${saved} %`, `${style.encodedBodySize} of ${style.decodedBodySize} bytes came over the wire`);
  } else {
    say("compressed", `${style.decodedBodySize} bytes`, "as it is");
  }
}

const tries = {
  range: { path: "files/primes.txt", headers: { range: "bytes=1000-1023" } },
  several: { path: "files/primes.txt", headers: { range: "bytes=0-9,1000-1009,-9" } },
  conditional: { path: "files/primes.txt", again: true },
  smaller: { path: "files/primes.txt", sizes: true },
  method: { path: "files/primes.txt", method: "DELETE" },
  dotfile: { path: ".env" },
};
const shown = ["allow", "content-type", "content-length", "content-encoding", "content-range", "etag", "last-modified", "vary"];

function line(kind, text) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = `${text}\n`;
  return span;
}

async function ask(wanted) {
  const headers = { ...wanted.headers };
  const method = wanted.method ?? "GET";
  const url = new URL(wanted.path, location.href);
  if (wanted.again) {
    const first = await fetch(url, { method: "HEAD", cache: "no-store" });
    headers["if-none-match"] = first.headers.get("etag");
  }
  if (wanted.sizes) url.searchParams.set("again", String(Date.now()));  // past the browser's own cache
  const answer = await fetch(url, { method, headers, cache: "no-store" });
  const text = await answer.text();

  const out = document.getElementById("answer");
  out.replaceChildren(line("ask", `${method} ${url.pathname}`));
  for (const [name, value] of Object.entries(headers)) out.append(line("ask", `${name}: ${value}`));
  out.append(line("text", ""), line(answer.status < 400 ? "ok" : "no", `${answer.status} ${answer.statusText}`.trim()));
  for (const name of shown) {
    const value = answer.headers.get(name);
    if (value !== null) out.append(line("text", `${name}: ${value}`));
  }
  if (wanted.sizes) {
    const timing = performance.getEntriesByName(url.href).at(-1);
    if (timing?.decodedBodySize)
      out.append(line("ok", `\n${timing.decodedBodySize} bytes of text came as ${timing.encodedBodySize}`));
  } else if (text) {
    out.append(line("text", `\n${text.length > 700 ? `${text.slice(0, 700)} …` : text}`));
  }
}

for (const button of document.querySelectorAll("[data-try]")) {
  button.addEventListener("click", async () => {
    for (const other of document.querySelectorAll("[data-try]")) other.setAttribute("aria-pressed", String(other === button));
    try {
      await ask(tries[button.dataset.try]);
    } catch (error) {
      document.getElementById("answer").replaceChildren(line("no", `The request failed: ${error.message}`));
    }
  });
}

window.addEventListener("load", () => setTimeout(tellArrival));
