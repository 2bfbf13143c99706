// Keeps the whole page in the browser, so that the next visit starts from there, offline too.
// By hand because Python cannot run here: this must answer before the page exists.
//
// The site lists its files with their hashes (files.json). A file is kept once, under its hash. A
// page is given one list when it opens and all its files come from that list: never a mix of
// versions. A new list is taken at the next opening, once all its files are here. What a page needs
// for some things only (the Python of a chat, say) is kept from its first use on.
//
// Only the files of the list are ever answered from here or kept; the API, other origins and what
// providers say go past.

const HOME = new URL("./", self.location.href);
const LIST = new URL("files.json", HOME);
const STORE = `tokenfall ${HOME.pathname}`;

// How long an opening page waits to hear of a new version before it takes the one that is here. On
// the computer of somebody who edits the page, an edit has to show at the next reload.
const IS_LOCAL = ["localhost", "127.0.0.1"].includes(HOME.hostname);
const PATIENCE_MS = IS_LOCAL ? 10_000 : 400;

const EMBEDDER = "cross-origin-embedder-policy";

// Where things are kept; none of these addresses is ever asked for.
const FILE = new URL("kept/file/", HOME).href;
const PAGE = new URL("kept/page/", HOME).href;
const CURRENT = new URL("kept/current", HOME).href;

/* A list: { version, files: { path: hash }, later: { path: hash } }, `later` of what comes with its
   first use; lists of 0.1.0 have none. */

const hashIn = ({ files, later = {} }, path) => files[path] ?? later[path];

/** What a file is called whatever its version: app_python of wheels/1f2e/app_python-0.2-any.whl. */
const nameOf = (path) => path.split("/").pop().split("-")[0];

async function read(address) {
  const kept = await (await caches.open(STORE)).match(address);
  return kept?.json();
}

async function write(address, value) {
  await (await caches.open(STORE)).put(address, new Response(JSON.stringify(value)));
}

async function hash(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The kept file of this hash. One that is another, whoever put it there, is dropped. */
async function keptFile(store, wanted) {
  const kept = await store.match(FILE + wanted);
  if (!kept || (await hash(await kept.clone().arrayBuffer())) === wanted) return kept;
  await store.delete(FILE + wanted);
}

async function fetchFile(path, wanted) {
  const answer = await fetch(new URL(path, HOME), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  // The site may have changed since it wrote the list.
  if ((await hash(bytes)) !== wanted) throw new Error(`${path} is not the one of the list`);
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return new Response(bytes, { headers });
}

async function keep(files) {
  const store = await caches.open(STORE);
  const missing = [];
  for (const [path, wanted] of files) {
    if (!(await keptFile(store, wanted))) missing.push([path, wanted]);
  }
  const next = async () => {
    for (let file; (file = missing.pop()); ) await store.put(FILE + file[1], await fetchFile(...file));
  };
  await Promise.all([next(), next(), next(), next()]);
}

/** Those files of a list that come with their first use and are called so. */
const calledSo = ({ later = {} }, names) => Object.entries(later).filter(([path]) => names.has(nameOf(path)));

/** The names of what was used, as far as it is here. */
async function used({ later = {} }) {
  const store = await caches.open(STORE);
  const names = new Set();
  for (const [path, hash] of Object.entries(later)) {
    if (await store.match(FILE + hash)) names.add(nameOf(path));
  }
  return names;
}

let refreshing;

/** Hear of the newest version and keep all of it; raises where that cannot be. */
function refresh() {
  refreshing ??= (async () => {
    const answer = await fetch(LIST, { cache: "no-store" });
    if (!answer.ok) throw new Error(`files.json: HTTP status ${answer.status}`);
    const list = await answer.json();
    const known = await read(CURRENT);
    if (JSON.stringify(known) !== JSON.stringify(list)) {
      await keep([...Object.entries(list.files), ...calledSo(list, await used(known ?? {}))]);
      await write(CURRENT, list);
      await tellOthers(list);
    }
    return list;
  })().finally(() => (refreshing = undefined));
  return refreshing;
}

/** Drop the files of versions that no open page uses any more, and what is known of closed pages. */
async function tidy() {
  const store = await caches.open(STORE);
  const hashes = ({ files, later = {} }) => [...Object.values(files), ...Object.values(later)];
  const wanted = new Set(hashes((await read(CURRENT)) ?? { files: {} }));
  const keys = await store.keys();
  for (const { url } of keys) {
    if (!url.startsWith(PAGE)) continue;
    if (await self.clients.get(url.slice(PAGE.length))) {
      for (const one of hashes(await read(url))) wanted.add(one);
    } else await store.delete(url);
  }
  for (const { url } of keys) {
    if (url.startsWith(FILE) && !wanted.has(url.slice(FILE.length))) await store.delete(url);
  }
}

/* Answering */

/** A file as an isolated page takes it, which starts no worker without this header: one that was kept
    before the server sent it has the same bytes and none. */
function isolated(kept, request) {
  if (request.mode === "navigate" || kept.headers.has(EMBEDDER)) return kept;
  const headers = new Headers(kept.headers);
  headers.set(EMBEDDER, "credentialless");
  return new Response(kept.body, { headers });
}

async function give(list, path, request) {
  const wanted = hashIn(list, path);
  const store = await caches.open(STORE);
  const kept = await keptFile(store, wanted);
  if (kept) return isolated(kept, request);
  // What comes with its first use; else the browser has thrown single files away, or somebody has
  // changed one.
  try {
    const fetched = await fetchFile(path, wanted);
    await store.put(FILE + wanted, fetched.clone());
    return fetched;
  } catch {
    return request.mode === "navigate" ? fetch(request) : Response.error();
  }
}

/** A document of a frame, of this hash, which the page has been told (web/apart.mjs): without an origin,
    whatever file it is. */
async function giveApart(path, wanted) {
  const { body, headers } = (await keptFile(await caches.open(STORE), wanted)) ?? (await fetchFile(path, wanted));
  const own = new Headers(headers);
  own.set("content-security-policy", "sandbox allow-scripts allow-forms; frame-ancestors 'self'");
  own.set("cross-origin-resource-policy", "cross-origin");
  own.set(EMBEDDER, "credentialless");
  return new Response(body, { headers: own });
}

async function openPage(event) {
  const known = await read(CURRENT);
  const fresh = refresh();
  fresh.catch(() => {});
  if (!known) return fetch(event.request);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, known));
  const list = await Promise.race([fresh.catch(() => known), patience]);
  await write(PAGE + event.resultingClientId, list);
  event.waitUntil(
    fresh.then(
      async (newest) => {
        if (newest.version !== list.version) await tell(event.resultingClientId);
      },
      () => {},
    ),
  );
  return give(list, "index.html", event.request);
}

/** Tell the page that it is not the newest. One that does not listen yet asks by itself, later. */
async function tell(id) {
  (await self.clients.get(id))?.postMessage("new version");
}

/** Tell the pages that are open with an older version. */
async function tellOthers(list) {
  for (const client of await self.clients.matchAll({ type: "window" })) {
    const theirs = await read(PAGE + client.id);
    if (theirs && theirs.version !== list.version) client.postMessage("new version");
  }
}

const lists = new Map(); // what was read before, by page; the browser may end this worker any time

async function listOf(page) {
  if (!lists.has(page)) lists.set(page, await read(PAGE + page));
  return lists.get(page);
}

async function giveFile(event, path) {
  const list = await listOf(event.clientId);
  // A page that was opened past this worker gets everything past it.
  if (!list || !hashIn(list, path)) return fetch(event.request);
  // What a worker imports comes from the list of its page.
  if (event.request.destination === "worker") await write(PAGE + event.resultingClientId, list);
  const given = await give(list, path, event.request);
  if (!path.endsWith(".html")) return given;
  const headers = new Headers(given.headers);
  headers.set("kept-as", list.files[path]);
  return new Response(given.body, { headers });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== HOME.origin) return;
  if (!url.pathname.startsWith(HOME.pathname)) return;
  const path = decodeURIComponent(url.pathname.slice(HOME.pathname.length));
  if (path.startsWith("api/")) return;
  if (request.mode === "navigate") {
    if (url.searchParams.has("token")) return; // for the server: it becomes a cookie
    const kept = /^\?kept=([0-9a-f]{64})$/.exec(url.search)?.[1];
    if (kept && path.includes("/")) event.respondWith(giveApart(path, kept));
    else if (path === "" || path === "index.html") event.respondWith(openPage(event));
  } else if (event.clientId) event.respondWith(giveFile(event, path));
});

self.addEventListener("install", (event) => {
  self.skipWaiting(); // it knows nothing of what the files say, so it fits every version of them
  event.waitUntil(refresh());
});

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

// Of phones, where only a worker may show one: conversation/notifications.py.
self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(
    (async () => {
      const [page] = await self.clients.matchAll({ type: "window" });
      if (!page) return self.clients.openWindow(`./#/chat/${encodeURIComponent(notification.data)}`);
      await page.focus();
      page.postMessage({ chat: notification.data });
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (Array.isArray(event.data?.used)) {
    // A page that was opened past this worker has its files from the network.
    const names = new Set(event.data.used.map(nameOf));
    event.waitUntil(read(CURRENT).then((list) => keep(calledSo(list ?? {}, names))));
  }
  // Who is open with an older one is told.
  if (event.data === "look for a new version") event.waitUntil(refresh().catch(() => {}));
  if (event.data !== "is there a new version?") return;
  event.waitUntil(
    (async () => {
      await tidy();
      const [newest, mine] = [await read(CURRENT), await read(PAGE + event.source.id)];
      if (newest && mine && newest.version !== mine.version) event.source.postMessage("new version");
    })(),
  );
});
