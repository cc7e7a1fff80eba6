// While somebody types @ and a few letters, the networks of the chosen channels are asked for accounts; a chosen one is
// written and remembered beside the text. And a small panel of emoji.
import { on, say } from "./page";

interface Person { network: string; on: string; id: string; handle: string; name: string }

let clock = 0;
let asked = "";
let box: HTMLElement | undefined;
let text: HTMLTextAreaElement | undefined;
let found: Person[] = [];
let active = -1;

const started = (t: HTMLTextAreaElement) => /(?:^|[\s(])@([\p{L}\p{N}_.@-]{2,60})$/u.exec(t.value.slice(0, t.selectionStart))?.[1];

function channels(t: HTMLElement): string[] {
  const panel = t.closest<HTMLElement>("[data-panel]")?.dataset.panel;
  if (panel) return [panel];
  return [...document.querySelectorAll<HTMLInputElement>("input[name=channel]:checked")].map((i) => i.value);
}

on("input", "[data-compose-text]", (control) => {
  const t = control as HTMLTextAreaElement;
  clearTimeout(clock);
  const words = started(t);
  if (!words) return close();
  clock = window.setTimeout(() => void ask(t, words), 220);
});

async function ask(t: HTMLTextAreaElement, words: string): Promise<void> {
  asked = words;
  const query = new URLSearchParams({ q: words });
  channels(t).forEach((c) => query.append("channel", c));
  try {
    const answer = await fetch(`/compose/people?${query}`, { redirect: "error" });
    const people: Person[] = answer.ok ? await answer.json() : [];
    if (asked !== words || document.activeElement !== t || started(t) !== words) return;
    people.length > 0 ? show(t, people) : close();
  } catch { close(); }
}

function show(t: HTMLTextAreaElement, people: Person[]): void {
  close();
  [text, found, active] = [t, people, 0];
  box = document.createElement("div");
  box.className = "mentions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Accounts");
  people.forEach((p, i) => {
    const line = document.createElement("div");
    line.className = "mention";
    line.setAttribute("role", "option");
    const name = document.createElement("strong"), note = document.createElement("span");
    name.textContent = p.name || p.handle;
    note.className = "mention-note";
    note.textContent = `@${p.handle} · ${p.on}`;
    line.append(name, note);
    line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(i); });
    box!.append(line);
  });
  box.style.top = `${t.offsetTop + Math.min(t.offsetHeight, caretTop(t) + 28)}px`;
  t.parentElement!.append(box);
  mark();
  say(`${people.length} accounts found. Arrows choose, Enter takes.`);
}

/** About where the line of the caret ends, from the line breaks before it. */
function caretTop(t: HTMLTextAreaElement): number {
  const height = parseFloat(getComputedStyle(t).lineHeight) || 24;
  return (t.value.slice(0, t.selectionStart).split("\n").length - 1) * height - t.scrollTop;
}

function mark(): void {
  [...(box?.children ?? [])].forEach((line, i) => {
    line.classList.toggle("is-active", i === active);
    line.setAttribute("aria-selected", String(i === active));
    if (i === active) line.scrollIntoView({ block: "nearest" });
  });
}

export function close(): void {
  box?.remove();
  [box, found, active, asked] = [undefined, [], -1, ""];
}

function choose(i: number): void {
  const p = found[i], t = text;
  if (!p || !t) return;
  const written = `@${p.handle.replace(/^@/, "")}`;
  const before = t.value.slice(0, t.selectionStart).replace(/@[^\s@]*(@[^\s@]*)?$/u, "");
  t.setRangeText(`${written} `, before.length, t.selectionStart, "end");
  const known = document.createElement("input");
  Object.assign(known, { type: "hidden", name: t.id.replace(":text:", ":mention:"), value: `${p.network}|${written}|${p.id}` });
  t.parentElement!.append(known);
  close();
  t.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (!box || event.target !== text) return;
  switch (event.key) {
    case "ArrowDown": active = (active + 1) % found.length; break;
    case "ArrowUp": active = (active - 1 + found.length) % found.length; break;
    case "Enter": case "Tab": choose(active); break;
    case "Escape": close(); break;
    default: return;
  }
  event.preventDefault();
  event.stopPropagation();
  mark();
}, true);
on("focusout", "[data-compose-text]", () => setTimeout(close, 150));

const emoji = "😀😃😄😁😅😂🙂😉😊😍🤩😘😎🤓🤔🤗😴😮😢😭😡🤯🥳🙏👍👎👏🙌💪🤝👋✌️👉👇☝️👀❤️🧡💛💚💙💜🖤🤍💯✨🔥⭐🎉🎊🎁🏆📣📢📅⏰📍📷🎥🎵🎧💡📈📉📊✅❌⚠️❓❗➡️🌍🌱🌸🌞🌈☕🍰🍕🚀✈️🏠🛒💬🔗📦";

on("click", "[data-emoji-open]", (button) => {
  const part = button.closest<HTMLElement>("[data-upload]");
  const open = part?.querySelector(".emoji-panel");
  if (open || !part) return void open?.remove();
  const t = part.querySelector<HTMLTextAreaElement>("[data-compose-text]");
  const panel = document.createElement("div");
  panel.className = "emoji-panel";
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", "Emoji");
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(emoji)) {
    const one = document.createElement("button");
    Object.assign(one, { type: "button", textContent: segment });
    one.onclick = () => {
      t?.setRangeText(segment, t.selectionStart, t.selectionEnd, "end");
      t?.dispatchEvent(new Event("input", { bubbles: true }));
      panel.remove();
      t?.focus();
    };
    panel.append(one);
  }
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { panel.remove(); (button as HTMLElement).focus(); } });
  button.closest(".part-tools")?.after(panel);
  panel.querySelector("button")?.focus();
});
