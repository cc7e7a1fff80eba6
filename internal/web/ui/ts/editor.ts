// The editor of the screen for writing is drawn anew by its buttons. This keeps the focus, and what somebody types while
// the answer is on its way.
import { on } from "./page";

let pressed = ""; // the button that asked
let asked = new Map<string, string>(); // the texts as they were sent

const editor = () => document.getElementById("editor");
const texts = () => [...(editor()?.querySelectorAll<HTMLTextAreaElement>("textarea[id]") ?? [])];

/** Buttons that leave every part where it is, so that a text has the same place before and after. */
const steady = /^(pick|drop|earlier|choose|library|close|poll|unpoll|card|uncard|unthumb|resolve|tab|own|follow):?/;

document.addEventListener("htmx:config:request", (event) => {
  const ctx = (event as CustomEvent).detail?.ctx;
  if (!String(ctx?.request?.action ?? "").includes("/compose/form")) return;
  pressed = String(ctx.request.body?.get?.("do") ?? "");
  asked = new Map(texts().map((t) => [t.id, t.value]));
});

let typed: [string, string][] = [];
document.addEventListener("htmx:before:swap", () => {
  typed = steady.test(pressed) ? texts().filter((t) => asked.has(t.id) && asked.get(t.id) !== t.value).map((t) => [t.id, t.value]) : [];
});

document.addEventListener("htmx:after:swap", () => {
  if (!pressed || !editor()) return;
  for (const [id, value] of typed) {
    const t = document.getElementById(id) as HTMLTextAreaElement | null;
    if (!t) continue;
    t.value = value;
    t.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (document.activeElement === document.body) focus();
  pressed = "";
  typed = [];
});

function focus(): void {
  const [verb, place, part] = pressed.split(":");
  const within = document.getElementById(`${place}:text:${part}`)?.closest<HTMLElement>(".part");
  const next: Record<string, string> = { poll: ".extra input[type=text]", card: ".extra input[type=url]", library: ".picker input", pick: ".medium:last-child textarea" };
  const at = part ? Number(part.slice(1)) : 0;
  const moved: Record<string, number> = { add: at + 1, up: at - 1, down: at + 1, remove: Math.max(0, at - 1), own: 0 };
  const target = within?.querySelector<HTMLElement>(next[verb] ?? "#none")
    ?? (verb in moved ? document.getElementById(`${place}:text:p${moved[verb]}`) : undefined)
    ?? editor()?.querySelector<HTMLElement>(`[name=do][value="${CSS.escape(pressed)}"]`)
    ?? within?.querySelector<HTMLElement>("textarea");
  target?.focus({ preventScroll: verb !== "add" });
}

// A channel is chosen with the keyboard as with the mouse; its chip keeps the focus.
let chip = "";
on("change", "input[name=channel]", (input) => { chip = (input as HTMLInputElement).value; });
document.addEventListener("htmx:after:swap", () => {
  if (!chip) return;
  document.querySelector<HTMLElement>(`input[name=channel][value="${CSS.escape(chip)}"]`)?.focus({ preventScroll: true });
  chip = "";
});
