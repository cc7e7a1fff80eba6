// Sends files in pieces, so that a broken connection goes on where it stopped. A place that takes files has
// data-upload; what it names comes back as the button "pick" of the form for writing, or, for the library, as a reload.
import htmx from "../third_party/htmx/htmx.esm.min.js";
import { on, onContent, say } from "./page";

const piece = 1 << 20;

interface Upload { id: string; received: number; asset?: string; message?: string }

class Refused extends Error {}

async function ask(url: string, init: RequestInit): Promise<Upload> {
  const answer = await fetch(url, { redirect: "error", ...init });
  const got: Upload = await answer.json().catch(() => ({}) as Upload);
  if (answer.ok) return got;
  if (answer.status >= 500 || answer.status === 409 || answer.status === 429) throw new Error("again");
  throw new Refused(got.message || "The server refused the file.");
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function send(file: File, line: Line): Promise<string> {
  const brand = document.querySelector<HTMLInputElement>("[name=brand]")?.value ?? "";
  const start = new URLSearchParams({ name: file.name, bytes: String(file.size), brand });
  let up = await patiently(line, () => ask("/uploads", { method: "POST", body: start, signal: line.stop.signal }));
  const url = `/uploads/${up.id}`;
  line.cancel = () => void fetch(`${url}/cancel`, { method: "POST" });
  while (up.received < file.size) {
    up = await patiently(line, async (again) => {
      if (again) up = await ask(url, { signal: line.stop.signal }); // where does it stand?
      if (up.received >= file.size) return up;
      return ask(`${url}?offset=${up.received}`, { method: "POST", body: file.slice(up.received, up.received + piece), headers: { "Content-Type": "application/octet-stream" }, signal: line.stop.signal });
    });
    line.show(up.received / file.size);
  }
  line.say("Checking…");
  const done = await patiently(line, () => ask(`${url}/finish`, { method: "POST", signal: line.stop.signal }));
  return done.asset ?? "";
}

/** Tries for about half an hour, waiting longer each time; a refusal or a cancel ends it at once. */
async function patiently(line: Line, act: (again: boolean) => Promise<Upload>): Promise<Upload> {
  for (let tries = 0; ; tries++) {
    try {
      return await act(tries > 0);
    } catch (error) {
      if (error instanceof Refused || line.stop.signal.aborted || tries > 60) throw error;
      line.say("No connection; it goes on by itself");
      await wait(Math.min(30000, 1000 * 2 ** tries));
    }
  }
}

/** One line of the list of uploads. */
class Line {
  root = document.createElement("div");
  stop = new AbortController();
  cancel = () => {};
  private bar = document.createElement("progress");
  private words = document.createElement("span");
  constructor(list: Element, name: string) {
    this.root.className = "upload";
    const label = document.createElement("span");
    label.className = "upload-name";
    label.textContent = name;
    Object.assign(this.bar, { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", `Upload of ${name}`);
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-quiet btn-small", textContent: "Cancel" });
    button.onclick = () => { this.stop.abort(); this.cancel(); this.root.remove(); };
    this.root.append(label, this.bar, this.words, button);
    list.append(this.root);
  }
  show(share: number): void { this.bar.value = share; this.words.textContent = `${Math.round(share * 100)} %`; }
  say(words: string): void { this.words.textContent = words; }
  fail(words: string): void {
    this.root.className = "upload field-error";
    this.bar.remove();
    this.words.textContent = words;
    this.root.querySelector("button")!.textContent = "Dismiss";
    say(words);
  }
}

async function take(root: HTMLElement, files: File[]): Promise<void> {
  const to = root.dataset.upload ?? "";
  const list = root.querySelector("[data-uploads]");
  if (!list) return;
  let done = 0;
  const lines = files.map((file) => ({ file, line: new Line(list, file.name) }));
  for (const { file, line } of lines) {
    if (line.stop.signal.aborted) continue;
    try {
      const asset = await send(file, line);
      line.root.remove();
      done++;
      if (to !== "library") await pick(to, asset);
    } catch (error) {
      if (!line.stop.signal.aborted) line.fail(error instanceof Refused ? error.message : "It did not arrive. Try again.");
    }
  }
  if (done > 0) say(done === 1 ? "The file is uploaded" : `${done} files are uploaded`);
  if (to === "library" && done === files.length) location.reload();
}

/** Puts the asset into its part, as the picker's button would; another swap may have replaced the part meanwhile. */
async function pick(to: string, asset: string): Promise<void> {
  const source = document.querySelector<HTMLElement>(`[data-upload="${CSS.escape(to)}"]`);
  if (!source) return;
  const kept = [...document.querySelectorAll("[data-uploads]")].find((l) => l.children.length > 0);
  await htmx.ajax("POST", "/compose/form", { source, target: "#editor", swap: "outerHTML", values: { do: `pick:${to}:${asset}` } });
  const list = document.querySelector(`[data-upload="${CSS.escape(to)}"] [data-uploads]`);
  if (kept && list && list !== kept) list.replaceChildren(...kept.children);
}

on("change", "[data-upload-input]", (control) => {
  const input = control as HTMLInputElement;
  const root = input.closest<HTMLElement>("[data-upload]");
  const files = [...(input.files ?? [])];
  input.value = "";
  if (root && files.length > 0) void take(root, files);
});
on("dragover", "[data-upload]", (root, event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  root.classList.add("is-over");
});
on("dragleave", "[data-upload]", (root, event) => { if (!root.contains(event.relatedTarget as Node | null)) root.classList.remove("is-over"); });
on("drop", "[data-upload]", (root, event) => {
  root.classList.remove("is-over");
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  void take(root, files);
});
on("paste", "[data-upload]", (root, event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  void take(root, files);
});

onContent((root) => root.querySelectorAll<HTMLElement>("[data-emoji]").forEach((e) => { e.hidden = false; }));
