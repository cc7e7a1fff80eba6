// Moving cards between places: drag, or pick up with m and move with the arrows.
//
//   <div data-move="/calendar/move">
//     <div data-move-slot="2026-11-24T10:00" aria-label="Tue 24 Nov, 10:00">
//       <article data-move-item="post_1" tabindex="0" aria-label="Autumn walk">
//
// A drop posts item, slot and before (the item it now stands before, or nothing) to the URL
// and swaps the answer as the container's hx-target says, by default the container itself.
// data-move-local moves without asking anybody. data-move-lock on a slot or item refuses.
import htmx from "../third_party/htmx/htmx.esm.min.js";
import { on, onContent, say } from "./page";

let dragged: HTMLElement | undefined;
let picked: { item: HTMLElement; home: Element; next: Element | null } | undefined;

const container = (element: Element) => element.closest<HTMLElement>("[data-move]");
const slotOf = (element: Element) => element.closest<HTMLElement>("[data-move-slot]");
const slots = (root: HTMLElement) => [...root.querySelectorAll<HTMLElement>("[data-move-slot]:not([data-move-lock])")];
const items = (slot: HTMLElement) => [...slot.querySelectorAll<HTMLElement>("[data-move-item]")];
const words = (element: Element | null) => element?.getAttribute("aria-label") || element?.textContent?.trim().slice(0, 60) || "";

onContent((root) => root.querySelectorAll<HTMLElement>("[data-move-item]:not([data-move-lock])").forEach((item) => { item.draggable = true; }));

on("dragstart", "[data-move-item]", (item, event) => {
  if (item.hasAttribute("data-move-lock")) return event.preventDefault();
  dragged = item;
  event.dataTransfer?.setData("text/plain", item.dataset.moveItem ?? "");
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  setTimeout(() => item.classList.add("is-dragged"));
});

on("dragover", "[data-move-slot]", (slot, event) => {
  if (!dragged || slot.hasAttribute("data-move-lock") || container(slot) !== container(dragged)) return;
  event.preventDefault();
  mark(slot);
});

on("drop", "[data-move-slot]", (slot, event) => {
  if (!dragged || slot.hasAttribute("data-move-lock") || container(slot) !== container(dragged)) return;
  event.preventDefault();
  const item = dragged;
  const before = items(slot).find((other) => other !== item && event.clientY < middle(other)) ?? null;
  const from = slotOf(item);
  if (from === slot && (before === item || item.nextElementSibling === before)) return;
  put(item, slot, before);
  void send(item, slot, before);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = undefined;
  mark(undefined);
});

function middle(element: Element): number {
  const box = element.getBoundingClientRect();
  return box.top + box.height / 2;
}

function mark(slot: HTMLElement | undefined): void {
  document.querySelectorAll(".is-target").forEach((other) => { if (other !== slot) other.classList.remove("is-target"); });
  slot?.classList.add("is-target");
}

function put(item: HTMLElement, slot: HTMLElement, before: HTMLElement | null): void {
  if (before) before.before(item);
  else (slot.querySelector("[data-move-items]") ?? slot).append(item);
}

async function send(item: HTMLElement, slot: HTMLElement, before: HTMLElement | null): Promise<void> {
  const root = container(slot);
  say(`Moved to ${words(slot)}`);
  if (!root || root.hasAttribute("data-move-local")) return;
  await htmx.ajax("POST", root.dataset.move ?? "", {
    target: root.getAttribute("hx-target") ?? root, swap: root.getAttribute("hx-swap") ?? "outerMorph", source: root,
    values: { item: item.dataset.moveItem ?? "", slot: slot.dataset.moveSlot ?? "", before: before?.dataset.moveItem ?? "" },
  });
}

// Keys: arrows go between cards; m picks up, arrows then carry, m or Enter drops, Escape puts
// back. Shift+arrow carries one step at once.
on("keydown", "[data-move-item]", (item, event) => {
  const root = container(item);
  if (!root || event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = event.key.startsWith("Arrow");
  if (event.key === "m" && !event.shiftKey) picked ? drop(item) : pick(item);
  else if (picked && event.key === "Enter") drop(item);
  else if (picked && event.key === "Escape") putBack();
  else if (arrow && picked) carry(item, root, event.key);
  else if (arrow && event.shiftKey) { pick(item); carry(item, root, event.key); drop(item); }
  else if (arrow) walk(item, root, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

function pick(item: HTMLElement): void {
  if (item.hasAttribute("data-move-lock")) return say(`${words(item)} cannot be moved`);
  picked = { item, home: item.parentElement!, next: item.nextElementSibling };
  item.classList.add("is-picked");
  say(`Picked up ${words(item)}. Arrows move it, m drops it, Escape puts it back.`);
}

function drop(item: HTMLElement): void {
  if (!picked) return;
  const moved = item.parentElement !== picked.home || item.nextElementSibling !== picked.next;
  item.classList.remove("is-picked");
  picked = undefined;
  const slot = slotOf(item);
  if (!moved || !slot) return say("Dropped where it was");
  const all = items(slot);
  void send(item, slot, all[all.indexOf(item) + 1] ?? null);
}

function putBack(): void {
  if (!picked) return;
  const { item, home, next } = picked;
  home.insertBefore(item, next);
  item.classList.remove("is-picked");
  picked = undefined;
  item.focus();
  say("Put back");
}

/** Up and down change the order inside a slot with several cards; otherwise arrows go to the nearest slot that way. */
function carry(item: HTMLElement, root: HTMLElement, key: string): void {
  const slot = slotOf(item);
  if (!slot) return;
  const all = items(slot);
  const at = all.indexOf(item);
  if (key === "ArrowUp" && at > 0) all[at - 1].before(item);
  else if (key === "ArrowDown" && at >= 0 && at < all.length - 1) all[at + 1].after(item);
  else {
    const target = toward(slot, slots(root), key);
    if (!target) return;
    put(item, target, key === "ArrowDown" ? items(target)[0] ?? null : null);
  }
  item.focus();
  item.scrollIntoView({ block: "nearest", inline: "nearest" });
  say(words(slotOf(item)));
}

function walk(item: HTMLElement, root: HTMLElement, key: string): void {
  toward(item, [...root.querySelectorAll<HTMLElement>("[data-move-item]")], key)?.focus();
}

/** The nearest of the elements in the direction of an arrow key. */
function toward(from: HTMLElement, all: HTMLElement[], key: string): HTMLElement | undefined {
  const a = from.getBoundingClientRect();
  let best: HTMLElement | undefined;
  let least = Infinity;
  for (const other of all) {
    if (other === from) continue;
    const b = other.getBoundingClientRect();
    const dx = b.left + b.width / 2 - (a.left + a.width / 2);
    const dy = b.top + b.height / 2 - (a.top + a.height / 2);
    const [ahead, aside] = key === "ArrowRight" ? [dx, dy] : key === "ArrowLeft" ? [-dx, dy] : key === "ArrowDown" ? [dy, dx] : [-dy, dx];
    const distance = ahead + 2.5 * Math.abs(aside);
    if (ahead > 4 && distance < least) [best, least] = [other, distance];
  }
  return best;
}
