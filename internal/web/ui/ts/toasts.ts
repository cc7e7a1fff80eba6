// Toasts go away by themselves, unless they are being read.
import { on, onContent } from "./page";

const started = new WeakSet<Element>();

onContent((root) => {
  root.querySelectorAll<HTMLElement>("[data-toast]").forEach((toast) => {
    if (started.has(toast)) return;
    started.add(toast);
    let left = Number(toast.dataset.toast) || 6;
    const clock = setInterval(() => {
      if (!toast.isConnected) return clearInterval(clock);
      if (toast.matches(":hover, :focus-within") || document.hidden) return;
      if (--left <= 0) {
        clearInterval(clock);
        leave(toast);
      }
    }, 1000);
  });
});

function leave(toast: HTMLElement): void {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), 240);
}

on("click", "[data-dismiss]", (button) => {
  const toast = button.closest<HTMLElement>("[data-toast]");
  if (toast) leave(toast);
});

/** Shows a toast made on this side, for things the server has no part in. */
export function toast(words: string): void {
  const list = document.getElementById("toasts");
  if (!list) return;
  const item = document.createElement("li");
  item.className = "toast tone-info";
  const text = document.createElement("p");
  text.className = "toast-text";
  text.textContent = words;
  item.append(text);
  list.append(item);
  setTimeout(() => leave(item), 4000);
}
