// Theme, contrast, density and single keys, kept in the cookie the server reads (ui.LookOf).
import { on, onContent } from "./page";

const root = document.documentElement;
const words: Record<string, string> = { more: "contrast", compact: "compact", less: "still", off: "nokeys" };

function keep(): void {
  const look = ["theme", "contrast", "density", "motion", "shortcuts"]
    .map((part) => root.dataset[part])
    .filter((value): value is string => Boolean(value))
    .map((value) => words[value] ?? value);
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `look=${look.join(".")}; path=/; max-age=31536000; samesite=lax${secure}`;
  show();
}

function set(part: string, value: string): void {
  if (value === "") delete root.dataset[part];
  else root.dataset[part] = value;
  keep();
}

function show(): void {
  document.querySelectorAll<HTMLElement>("[data-look]").forEach((choice) => {
    const now = root.dataset[choice.dataset.look ?? ""] ?? "";
    choice.setAttribute("aria-pressed", String(now === choice.dataset.value));
  });
}

on("click", "[data-look]", (choice) => {
  const part = choice.dataset.look ?? "";
  const value = choice.dataset.value ?? "";
  const already = (root.dataset[part] ?? "") === value;
  set(part, already && part !== "theme" ? "" : value);
});

on("change", "[data-look-switch]", (control) => {
  set(control.dataset.lookSwitch ?? "", (control as HTMLInputElement).checked ? "" : "off");
});

onContent(show);
