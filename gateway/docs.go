package gateway

// docsPolicy lets the page run its own script and ask for the document, nothing else.
const docsPolicy = "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// docsPage shows the OpenAPI document. It asks no other host for anything, and puts
// what the document says into the page as text only.
const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster API</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2rem 0 .5rem; border-bottom: 1px solid #8886; }
details { margin: .25rem 0; }
summary { cursor: pointer; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .75rem; background: #8882; border-radius: 6px; }
.m { display: inline-block; min-width: 4.5em; font-weight: 700; }
.s { opacity: .75; margin-left: .5em; }
table { border-collapse: collapse; } td { padding: .1rem .8rem .1rem 0; vertical-align: top; }
input { font: inherit; width: 100%; padding: .4rem; margin: 1rem 0; }
</style>
</head>
<body>
<h1>Muster API</h1>
<p id="about"></p>
<p><a href="/openapi.json">openapi.json</a></p>
<input id="find" type="search" placeholder="Find a path or a word" aria-label="Find">
<main id="main">Loading</main>
<script>
"use strict";
const el = (tag, text, cls) => { const e = document.createElement(tag); if (text) e.textContent = text; if (cls) e.className = cls; return e; };
fetch("/openapi.json").then(r => r.json()).then(doc => {
  document.getElementById("about").textContent = doc.info.description || "";
  const main = document.getElementById("main"); main.textContent = "";
  const resolve = (s, depth) => {
    if (!s || depth > 6) return s;
    if (s.$ref) return resolve(doc.components.schemas[s.$ref.split("/").pop()], depth);
    if (s.properties) { const o = {}; for (const k in s.properties) o[k + ((s.required || []).includes(k) ? "" : "?")] = resolve(s.properties[k], depth + 1); return o; }
    if (s.items) return [resolve(s.items, depth + 1)];
    if (s.additionalProperties && s.additionalProperties !== true) return { "*": resolve(s.additionalProperties, depth + 1) };
    return (Array.isArray(s.type) ? s.type.join("|") : s.type || "any") + (s.enum ? ": " + s.enum.join(", ") : "") + (s.description ? " (" + s.description + ")" : "");
  };
  const body = (parent, title, content) => {
    for (const kind in content || {}) {
      parent.append(el("p", title + ", " + kind));
      const s = resolve(content[kind].schema, 0);
      if (s) parent.append(el("pre", JSON.stringify(s, null, 2)));
    }
  };
  const tags = {};
  for (const path in doc.paths) for (const method in doc.paths[path]) {
    const op = doc.paths[path][method];
    if (typeof op !== "object" || !op.responses) continue;
    (tags[(op.tags || ["Other"])[0]] ||= []).push([method.toUpperCase(), path, op]);
  }
  for (const tag of Object.keys(tags).sort()) {
    const section = el("section"); section.append(el("h2", tag)); main.append(section);
    for (const [method, path, op] of tags[tag].sort((a, b) => a[1] < b[1] ? -1 : 1)) {
      const d = el("details"), s = el("summary");
      s.append(el("span", method, "m"), el("code", path), el("span", op.summary || "", "s"));
      d.append(s); d.dataset.text = (method + " " + path + " " + (op.summary || "")).toLowerCase();
      if (op.description) d.append(el("p", op.description));
      if ((op.parameters || []).length) {
        const t = el("table");
        for (const p of op.parameters) { const r = el("tr"); r.append(el("td", p.name), el("td", p.in + (p.required ? ", required" : "")), el("td", p.description || "")); t.append(r); }
        d.append(t);
      }
      if (op.requestBody) body(d, "Body", op.requestBody.content);
      for (const code in op.responses) body(d, code + " " + (op.responses[code].description || ""), op.responses[code].content);
      section.append(d);
    }
  }
  document.getElementById("find").addEventListener("input", e => {
    const q = e.target.value.toLowerCase();
    for (const d of main.querySelectorAll("details")) d.hidden = !d.dataset.text.includes(q);
  });
}).catch(() => { document.getElementById("main").textContent = "The document could not be read."; });
</script>
</body>
</html>
`
