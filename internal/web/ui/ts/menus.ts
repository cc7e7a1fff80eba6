// Popovers say whether they are open, menus take arrow keys, and browsers without anchored
// positions get a place computed.
import { on } from "./page";

const anchored = CSS.supports("position-area", "block-end");

document.addEventListener("toggle", (event) => {
  const panel = event.target;
  if (!(panel instanceof HTMLElement) || !panel.matches("[popover]")) return;
  const isOpen = (event as ToggleEvent).newState === "open";
  const button = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(panel.id)}"]`);
  button?.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen || !button) return;
  if (!anchored) place(panel, button);
  if (panel.hasAttribute("data-menu")) items(panel)[0]?.focus();
}, true);

function place(panel: HTMLElement, button: HTMLElement): void {
  const box = button.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const below = box.bottom + size.height + 8 < innerHeight || box.top < size.height;
  const start = panel.classList.contains("popover-start") ? box.left : box.right - size.width;
  panel.style.left = `${Math.max(8, Math.min(start, innerWidth - size.width - 8))}px`;
  panel.style.top = `${below ? box.bottom : box.top - size.height - 8}px`;
}

function items(panel: HTMLElement): HTMLElement[] {
  return [...panel.querySelectorAll<HTMLElement>("a[href], button:not([disabled])")];
}

on("keydown", "[data-menu]", (panel, event) => {
  const all = items(panel);
  const now = all.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 };
  if (!(event.key in steps) || all.length === 0) return;
  event.preventDefault();
  all[(steps[event.key] + all.length) % all.length].focus();
});

// A chosen entry closes its menu; choices of the look stay to be compared.
on("click", "[data-menu] .menu-item", (item) => item.closest<HTMLElement>("[popover]")?.hidePopover());
