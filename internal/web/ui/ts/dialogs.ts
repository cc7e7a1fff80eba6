// Opens and closes native dialogs, and the search and command dialog.
import { on, onContent, openDialog } from "./page";

const openers = new WeakMap<HTMLDialogElement, Element>();

export function open(id: string, opener?: Element | null): void {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  document.querySelectorAll<HTMLElement>("[popover]:popover-open").forEach((p) => p.hidePopover());
  if (opener) openers.set(dialog, opener);
  dialog.showModal();
  const first = dialog.querySelector<HTMLElement>("[autofocus], .dialog-body :is(input:not([type=hidden]), textarea, select), .command-input");
  first?.focus();
}

on("click", "[data-open]", (control, event) => {
  event.preventDefault();
  open(control.dataset.open ?? "", control);
});

on("click", "[data-close]", (control) => control.closest("dialog")?.close());

// A click on the scrim closes, as Escape does; a drag that began inside does not.
on("pointerdown", "dialog", (dialog, event) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) (dialog as HTMLDialogElement).close();
});

document.addEventListener("close", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement)) return;
  const opener = openers.get(dialog);
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
}, true);

onContent((root) => {
  root.querySelectorAll<HTMLDialogElement>("dialog[data-open-now]").forEach((dialog) => {
    dialog.removeAttribute("data-open-now");
    if (!dialog.open) dialog.showModal();
  });
});

// Search and commands.
on("click", "[data-command]", (control, event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open("command", control);
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && document.getElementById("command")) {
    event.preventDefault();
    if (openDialog()?.id !== "command") open("command", document.activeElement);
  }
});

function matches(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("#command a[href]")].filter((a) => !a.closest("[hidden]"));
}

on("input", ".command-input", (input) => {
  const words = (input as HTMLInputElement).value.trim().toLowerCase();
  document.querySelectorAll<HTMLElement>(".command-screens > li").forEach((line) => {
    line.hidden = words !== "" && !line.textContent?.toLowerCase().includes(words);
  });
  matches().forEach((a) => a.classList.remove("is-active"));
});

// Enter opens the chosen line; without one the form searches.
on("submit", ".command-form", (_, event) => {
  const chosen = matches().find((a) => a.classList.contains("is-active"));
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
});

on("keydown", ".command-input", (_, event) => {
  const links = matches();
  const now = links.findIndex((a) => a.classList.contains("is-active"));
  if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || links.length === 0) return;
  event.preventDefault();
  const next = (now + (event.key === "ArrowDown" ? 1 : now < 0 ? 0 : -1) + links.length) % links.length;
  links.forEach((a, i) => a.classList.toggle("is-active", i === next));
  links[next].scrollIntoView({ block: "nearest" });
});
