// Type-ahead: htmx brings the options, this moves through them and keeps the chosen value.
import { on, say } from "./page";

interface Box { input: HTMLInputElement; value: HTMLInputElement; list: HTMLElement }

function parts(root: HTMLElement): Box | undefined {
  const input = root.querySelector<HTMLInputElement>("[role=combobox]");
  const value = root.querySelector<HTMLInputElement>("input[type=hidden]");
  const list = root.querySelector<HTMLElement>("[role=listbox]");
  return input && value && list ? { input, value, list } : undefined;
}

const options = (box: Box) => [...box.list.querySelectorAll<HTMLElement>("[role=option]:not([aria-disabled=true])")];

function show(box: Box, open: boolean): void {
  box.list.hidden = !open;
  box.input.setAttribute("aria-expanded", String(open));
  if (!open) activate(box, undefined);
}

function activate(box: Box, option: HTMLElement | undefined): void {
  options(box).forEach((o) => o.classList.toggle("is-active", o === option));
  if (option) {
    box.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box.input.removeAttribute("aria-activedescendant");
}

function choose(box: Box, option: HTMLElement): void {
  box.value.value = option.dataset.value ?? "";
  box.input.value = option.dataset.label ?? "";
  box.input.dataset.chosen = box.input.value;
  show(box, false);
  box.value.dispatchEvent(new Event("change", { bubbles: true }));
}

// htmx sends the control's own name; the source expects q.
document.addEventListener("htmx:config:request", (event) => {
  const ctx = (event as CustomEvent).detail?.ctx;
  const source = ctx?.sourceElement;
  if (!(source instanceof HTMLInputElement) || !source.dataset.query) return;
  const url = new URL(ctx.request.action, location.href);
  url.searchParams.set(source.dataset.query, source.value);
  ctx.request.action = url.pathname + url.search;
  ctx.request.body?.delete?.(source.name);
});

document.addEventListener("htmx:after:swap", () => {
  const input = document.activeElement;
  const root = input?.closest<HTMLElement>("[data-combobox]");
  const box = root ? parts(root) : undefined;
  if (!box || input !== box.input || box.list.children.length === 0 || box.input.dataset.chosen === box.input.value) return;
  if (!box.list.hidden || box.input.value !== "" || document.activeElement === box.input) {
    show(box, true);
    say(`${options(box).length} found`);
  }
});

on("input", "[data-combobox] [role=combobox]", (input) => {
  const box = parts(input.closest<HTMLElement>("[data-combobox]")!);
  if (!box) return;
  delete box.input.dataset.chosen;
  if (box.value.value !== "") {
    box.value.value = ""; // typed words are no choice yet
    box.value.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

on("keydown", "[data-combobox] [role=combobox]", (input, event) => {
  const box = parts(input.closest<HTMLElement>("[data-combobox]")!);
  if (!box) return;
  const all = options(box);
  const now = all.findIndex((o) => o.classList.contains("is-active"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (all.length === 0) return;
    event.preventDefault();
    show(box, true);
    activate(box, all[(now + (event.key === "ArrowDown" ? 1 : now < 0 ? 0 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter" && now >= 0 && !box.list.hidden) {
    event.preventDefault();
    choose(box, all[now]);
  } else if (event.key === "Escape" && !box.list.hidden) {
    event.stopPropagation();
    event.preventDefault();
    show(box, false);
  }
});

on("pointerdown", "[data-combobox] [role=option]", (option, event) => {
  event.preventDefault(); // the text control keeps the focus
  const box = parts(option.closest<HTMLElement>("[data-combobox]")!);
  if (box && option.getAttribute("aria-disabled") !== "true") choose(box, option);
});

on("focusout", "[data-combobox]", (root, event) => {
  if (root.contains(event.relatedTarget as Node | null)) return;
  const box = parts(root);
  if (box) show(box, false);
});
