// Keys of PRODUCT §9.1: elements name their key in data-shortcut ("r", "g c", "Ctrl+Shift+S").
// Single keys can be switched off (WCAG 2.1.4) and never act while somebody types.
import { open } from "./dialogs";
import { openDialog, typing } from "./page";

let waiting = ""; // the first key of a sequence
let clock = 0;

const singleOff = () => document.documentElement.dataset.shortcuts === "off";

/** Spells an event as data-shortcut does. */
function spell(event: KeyboardEvent): string {
  const mods = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : ""].filter(Boolean);
  const letter = event.key.length === 1 && /[a-z]/i.test(event.key);
  if (event.shiftKey && (letter || event.key.length > 1)) mods.push("Shift");
  if (mods.length === 0) return event.key;
  return [...mods, letter ? event.key.toUpperCase() : event.key].join("+");
}

function press(keys: string): boolean {
  const within: ParentNode = openDialog() ?? document;
  for (const element of within.querySelectorAll<HTMLElement>("[data-shortcut]")) {
    if (element.dataset.shortcut !== keys || element.matches("[disabled], [aria-disabled=true]")) continue;
    if (element.closest("[hidden], dialog:not([open])")) continue;
    if (element.matches("input, textarea, select")) element.focus();
    else element.click();
    return true;
  }
  return false;
}

function undo(): boolean {
  const forms = document.querySelectorAll<HTMLFormElement>("#toasts form[data-undo]");
  const last = forms[forms.length - 1];
  if (!last) return false;
  last.requestSubmit();
  return true;
}

/** The list under the screen's cursor: rows of a table or elements marked data-row. */
function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main :is(table[data-rows] > tbody > tr, [data-row])")].filter((r) => r.offsetParent !== null);
}

function cursor(): HTMLElement | undefined {
  return rows().find((row) => row.classList.contains("is-cursor"));
}

function step(by: number): boolean {
  const all = rows();
  if (all.length === 0) return false;
  const now = all.findIndex((row) => row.classList.contains("is-cursor"));
  const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by))];
  all.forEach((row) => row.classList.toggle("is-cursor", row === next));
  const focus = next.querySelector<HTMLElement>(".row-link, a[href], button") ?? next;
  focus.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function select(): boolean {
  const box = cursor()?.querySelector<HTMLInputElement>("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function single(key: string): boolean {
  if (press(key)) return true;
  if (openDialog()) return false;
  switch (key) {
    case "?": open("shortcuts", document.activeElement); return true;
    case "j": return step(1);
    case "k": return step(-1);
    case "x": return select();
    case "z": return undo();
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const keys = spell(event);
  if (event.ctrlKey || event.metaKey) {
    if (keys !== "Ctrl+K" && press(keys)) event.preventDefault();
    return;
  }
  if (typing(event.target) || singleOff() || event.altKey) return;
  if (waiting) {
    const both = `${waiting} ${event.key}`;
    waiting = "";
    clearTimeout(clock);
    if (press(both)) event.preventDefault();
    return;
  }
  if (event.key === "g") {
    waiting = "g";
    clock = window.setTimeout(() => { waiting = ""; }, 1500);
    return;
  }
  if (event.key.length === 1 && single(event.key)) event.preventDefault();
});
