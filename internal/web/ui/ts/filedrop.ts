// Dropping and pasting files into a FileDrop; the chosen names are listed and read out.
import { on } from "./page";

function take(root: HTMLElement, files: FileList | undefined): void {
  const input = root.querySelector<HTMLInputElement>("input[type=file]");
  if (!input || !files || files.length === 0) return;
  const kept = new DataTransfer();
  [...files].slice(0, input.multiple ? undefined : 1).forEach((file) => kept.items.add(file));
  input.files = kept.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

on("dragover", "[data-filedrop]", (root, event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  root.classList.add("is-over");
});
on("dragleave", "[data-filedrop]", (root) => root.classList.remove("is-over"));
on("drop", "[data-filedrop]", (root, event) => {
  event.preventDefault();
  root.classList.remove("is-over");
  take(root, event.dataTransfer?.files);
});

document.addEventListener("paste", (event) => {
  const target = event.target instanceof Element ? event.target : document.body;
  const root = target.closest("form")?.querySelector<HTMLElement>("[data-filedrop]");
  const files = event.clipboardData?.files;
  if (!root || !files || files.length === 0) return;
  event.preventDefault();
  take(root, files);
});

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

on("change", "[data-filedrop] input[type=file]", (input) => {
  const list = input.closest("[data-filedrop]")?.querySelector(".filedrop-list");
  if (!list) return;
  list.replaceChildren(...[...((input as HTMLInputElement).files ?? [])].map((file) => {
    const item = document.createElement("li");
    item.textContent = `${file.name}, ${size(file.size)}`;
    return item;
  }));
});
