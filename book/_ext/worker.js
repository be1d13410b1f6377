// Keeps the pages that were visited, each with all that it needs, for when there is no network. With one, all comes from there.
// A cache belongs to one build of the book: pages of another are shown, and not kept, until their own worker has come.
"use strict";
const BUILD = "{build}";
const ALWAYS = ["{always}"];
const ours = `${new URL(registration.scope).pathname} build `;
const name = ours + BUILD;
const KINDS = ["document", "font", "image", "script", "style"];
// Python and what edits code are large, and keep themselves.
const large = /\/_static\/(python|thebe|thebe-lite|wheels)\//;
// A figure names the file of its frames, which comes later, in data-src.
const needed = /<(?:link|script|img)\b[^>]*?\s(?:href|src|data-src)="([^"]*_static\/[^"]+)"/g;

let checked = Promise.resolve(true); // that the last page was one of this build
const bare = (address) => address.replace(/[?#].*/, "");
const isPage = (address) => address.endsWith(".html") || address.endsWith("/");
const isOfThisBuild = (page) => page.includes(`<meta name="build" content="${BUILD}">`);

const add = async (cache, address, options) => {
  if (large.test(address) || (await cache.match(address))) return;
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  await cache.put(address, response);
};

// Keeps what a page needs, also what the reader has not come to, and then the page; or not the page.
const keepWhole = async (cache, address, page, response, options) => {
  for (const [, place] of page.matchAll(needed)) {
    await add(cache, new URL(place.replaceAll("&amp;", "&"), address).href, options);
  }
  await cache.put(bare(address), response);
};

const keep = async (address, options) => {
  const cache = await caches.open(name);
  const response = await fetch(bare(address), options);
  if (!response.ok) return;
  const page = await response.clone().text();
  if (!isOfThisBuild(page)) throw new Error(`another build: ${address}`);
  await keepWhole(cache, address, page, response, options);
};

const begin = async () => {
  const options = { cache: "no-cache" };
  const cache = await caches.open(name);
  for (const place of ALWAYS) await add(cache, new URL(place, registration.scope).href, options);
  for (const older of await caches.keys()) {
    if (!older.startsWith(ours) || older === name) continue;
    const kept = await (await caches.open(older)).keys();
    for (const { url } of kept) if (isPage(url)) await keep(url, options);
  }
};

const finish = async () => {
  for (const older of await caches.keys()) {
    if (older.startsWith(ours) && older !== name) await caches.delete(older);
  }
};

const without = async () => {
  const kept = (await (await caches.open(name)).keys()).map(({ url }) => url).filter(isPage);
  const items = kept.map((url) => `<li><a href="${encodeURI(url)}">${url.split("/").pop()}</a></li>`).join("");
  const page = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>No network</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><h1>There is no network</h1>
<p>This page has not been read here before. These have, and open without a network:</p><ul>${items}</ul></html>`;
  return new Response(page, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
};

const visit = async (event) => {
  const address = bare(event.request.url);
  const cache = await caches.open(name);
  try {
    const response = await fetch(event.request);
    if (response.status === 200) {
      const copy = response.clone();
      const read = response.clone().text();
      checked = read.then(isOfThisBuild);
      const then = checked.then(async (same) =>
        same ? keepWhole(cache, address, await read, copy) : registration.update(),
      );
      event.waitUntil(then.catch(() => {}));
    }
    return response;
  } catch {
    return (await cache.match(address)) ?? without();
  }
};

const part = async (event) => {
  const { url } = event.request;
  const cache = await caches.open(name);
  try {
    const response = await fetch(event.request);
    if (response.status === 200) {
      const copy = response.clone();
      event.waitUntil(checked.then((same) => same && cache.put(url, copy)).catch(() => {}));
    }
    return response;
  } catch (error) {
    const kept = await cache.match(url);
    if (kept) return kept;
    throw error;
  }
};

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(begin());
});
addEventListener("activate", (event) => {
  checked = Promise.resolve(false); // the pages that are open now may be of another build
  event.waitUntil(finish());
});
addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep).catch(() => {}));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(registration.scope)) return;
  if (large.test(request.url) || !KINDS.includes(request.destination)) return;
  event.respondWith(request.mode === "navigate" ? visit(event) : part(event));
});
