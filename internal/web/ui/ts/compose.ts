// The screen for writing: tabs, views on a phone, saving by itself, and a copy in the browser against crashes.
//
// <form data-compose> holds post and version. Every few seconds it goes to /compose/autosave, which answers with both;
// a newer version of somebody else stops that and offers to compare. What is typed is kept in localStorage until the
// server has it.
import { on, onContent, say } from "./page";

const sheet = () => document.querySelector<HTMLFormElement>("form[data-compose]");
const field = (form: HTMLFormElement, name: string) => form.elements.namedItem(name) as HTMLInputElement | null;
const place = (form: HTMLFormElement) => `compose:${field(form, "post")?.value || "new"}`;

interface Kept { at: number; version: string; body: string }
let clock = 0;
let changedAt = 0; // when something was typed that the server does not have
let saving = false;
let stopped = false; // by a conflict: a person decides

/** The form as it would be sent, without files. */
function body(form: HTMLFormElement): URLSearchParams {
  const out = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "do" && name !== "library_search") out.append(name, value);
  return out;
}

function keep(form: HTMLFormElement): void {
  const kept: Kept = { at: Date.now(), version: field(form, "version")?.value ?? "", body: body(form).toString() };
  try { localStorage.setItem(place(form), JSON.stringify(kept)); } catch { /* full or forbidden: the server still saves */ }
}

const forget = (form: HTMLFormElement) => { try { localStorage.removeItem(place(form)); } catch { /* as above */ } };

function state(form: HTMLFormElement, words: string, bad = false): void {
  form.querySelectorAll<HTMLElement>("[data-compose-state]").forEach((e) => {
    e.textContent = words;
    e.dataset.tone = bad ? "bad" : "";
  });
}

function changed(form: HTMLFormElement): void {
  if (form.hasAttribute("data-compose-frozen")) return;
  changedAt = Date.now();
  if (!stopped) state(form, "Not saved yet");
  keep(form);
  clearTimeout(clock);
  clock = window.setTimeout(() => void save(form), 3000);
}

async function save(form: HTMLFormElement): Promise<void> {
  if (saving || stopped || !changedAt || !form.isConnected) return;
  saving = true;
  const began = changedAt;
  state(form, "Saving…");
  try {
    const answer = await fetch("/compose/autosave", { method: "POST", body: body(form), redirect: "error", headers: { "HX-Request": "true" } });
    const got = await answer.json();
    if (answer.ok) took(form, got, began);
    else refused(form, got);
  } catch {
    state(form, "No connection: kept in this browser, saving is tried again", true);
    clock = window.setTimeout(() => void save(form), 10000);
  } finally {
    saving = false;
  }
}

function took(form: HTMLFormElement, got: { post: string; version: number }, began: number): void {
  if (changedAt === began) {
    changedAt = 0;
    forget(form);
  } else clock = window.setTimeout(() => void save(form), 3000);
  if (!got.post) return state(form, "");
  const post = field(form, "post"), version = field(form, "version");
  if (post && !post.value) {
    forget(form);
    post.value = got.post;
    history.replaceState(null, "", `/compose/${got.post}`);
  }
  if (version) version.value = String(got.version);
  const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  state(form, `Saved ${at}`);
}

function refused(form: HTMLFormElement, got: { code?: string; message?: string; hint?: string }): void {
  state(form, "Not saved", true);
  const bar = form.querySelector<HTMLElement>("[data-compose-conflict]");
  if (!bar) return;
  stopped = got.code === "stale";
  const words = document.createElement("p");
  words.textContent = `${got.message ?? "The server refused."} ${got.hint ?? ""}`;
  bar.className = "compose-conflict alert tone-bad";
  bar.replaceChildren(words);
  if (stopped) {
    const compare = document.createElement("button");
    Object.assign(compare, { type: "submit", name: "do", value: "save", className: "btn btn-small", textContent: "Compare the two" });
    bar.append(compare);
  }
  bar.hidden = false;
  say(words.textContent);
}

on("input", "form[data-compose]", (form, event) => {
  if ((event.target as HTMLInputElement).name !== "library_search") changed(form as HTMLFormElement);
});
on("change", "form[data-compose]", (form) => changed(form as HTMLFormElement));
document.addEventListener("htmx:after:swap", (event) => {
  const form = sheet();
  const target = (event as CustomEvent).detail?.ctx?.target;
  if (form && target instanceof Element && target.id === "editor") changed(form);
});
on("submit", "form[data-compose]", (form) => {
  clearTimeout(clock);
  keep(form as HTMLFormElement);
  changedAt = 0;
  try { sessionStorage.setItem("compose:sent", place(form as HTMLFormElement)); } catch { /* then the copy is offered once too often */ }
});
addEventListener("beforeunload", (event) => { if (changedAt) event.preventDefault(); });
document.addEventListener("visibilitychange", () => { const form = sheet(); if (document.hidden && form) void save(form); });
on("click", "[data-compose-discard]", () => { const form = sheet(); changedAt = 0; if (form) forget(form); });

/** Offers what a crash left behind: typed on this version, and not what the page shows. */
function offer(form: HTMLFormElement): void {
  let kept: Kept | null = null;
  try {
    const sent = sessionStorage.getItem("compose:sent");
    sessionStorage.removeItem("compose:sent");
    if (sent === "compose:new" && field(form, "post")?.value) localStorage.removeItem(sent);
    kept = JSON.parse(localStorage.getItem(place(form)) ?? "null");
  } catch { return; }
  if (!kept || kept.body === body(form).toString()) return;
  if (kept.version !== field(form, "version")?.value || Date.now() - kept.at > 30 * 864e5) return forget(form);
  const bar = form.querySelector<HTMLElement>("[data-compose-conflict]");
  if (!bar) return;
  const words = document.createElement("p");
  words.textContent = `This browser still holds a text from ${new Date(kept.at).toLocaleString()} that was never saved.`;
  const back = document.createElement("button"), drop = document.createElement("button");
  Object.assign(back, { type: "button", className: "btn btn-small", textContent: "Take it back" });
  Object.assign(drop, { type: "button", className: "btn btn-quiet btn-small", textContent: "Discard it" });
  back.onclick = () => resend(kept.body);
  drop.onclick = () => { forget(form); bar.hidden = true; };
  bar.className = "compose-conflict alert tone-info";
  bar.replaceChildren(words, back, drop);
  bar.hidden = false;
}

function resend(text: string): void {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/compose/form", hidden: true });
  const all: [string, string][] = [...new URLSearchParams(text), ["do", "refresh"]];
  for (const [name, value] of all) {
    const input = document.createElement(value.includes("\n") ? "textarea" : "input") as HTMLInputElement;
    Object.assign(input, { name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

let offered = false;
onContent(() => {
  const form = sheet();
  if (!form) return;
  form.dataset.live = "";
  label(form);
  if (!offered && !form.hasAttribute("data-compose-frozen")) offer(form);
  offered = true;
});

// Tabs open at once; the server hears of it with the next request.
document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
  const form = tab?.closest("form");
  if (!tab || !form) return;
  event.preventDefault();
  event.stopPropagation();
  const now = tab.dataset.tab ?? "";
  form.querySelectorAll<HTMLElement>(".compose-tab").forEach((t) => {
    t.setAttribute("aria-pressed", String(t.dataset.tab === now));
    if (t !== tab && t.dataset.tab === now) t.scrollIntoView({ block: "center", inline: "center" });
  });
  form.querySelectorAll<HTMLElement>("[data-panel]").forEach((p) => { p.hidden = p.dataset.panel !== now; });
  const kept = form.querySelector<HTMLInputElement>("[data-compose-tab]");
  if (kept) kept.value = now;
  if (now) form.querySelector(`[data-preview="${CSS.escape(now)}"]`)?.scrollIntoView({ block: "nearest" });
}, true);

on("click", "[data-compose-view]", (button) => {
  const form = button.closest<HTMLElement>("form");
  if (!form) return;
  form.dataset.view = button.dataset.composeView;
  form.querySelectorAll("[data-compose-view]").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
  scrollTo({ top: 0 });
});

function label(form: HTMLElement): void {
  const now = form.querySelector<HTMLInputElement>("[data-when]:checked")?.value ?? "at";
  const words = form.querySelector("[data-when-submit] .btn-label");
  if (words) words.textContent = ({ at: "Schedule", next: "Add to queue", first: "Queue first", now: "Publish now" } as Record<string, string>)[now];
}
on("change", "[data-when]", (input) => label(input.closest<HTMLElement>("form")!));
