// Rows of tables: choosing all, and a click on the row opens what its main link opens.
import { on, onContent } from "./page";

const boxes = (name: string) => [...document.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${CSS.escape(name)}"]`)];

function show(name: string): void {
  const all = boxes(name);
  const chosen = all.filter((box) => box.checked).length;
  document.querySelectorAll<HTMLInputElement>(`[data-select-all="${CSS.escape(name)}"]`).forEach((head) => {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  });
  document.querySelectorAll<HTMLElement>(`[data-selected-count="${CSS.escape(name)}"]`).forEach((count) => { count.textContent = String(chosen); });
  document.querySelectorAll<HTMLElement>(`[data-when-selected="${CSS.escape(name)}"]`).forEach((bar) => { bar.hidden = chosen === 0; });
}

onContent((root) => root.querySelectorAll<HTMLElement>("[data-when-selected]").forEach((bar) => show(bar.dataset.whenSelected ?? "")));

on("change", "[data-select-all]", (head) => {
  const name = head.dataset.selectAll ?? "";
  boxes(name).forEach((box) => {
    box.checked = (head as HTMLInputElement).checked;
    box.closest("tr")?.classList.toggle("row-selected", box.checked);
  });
  show(name);
});

on("change", ".cell-select input", (box) => {
  box.closest("tr")?.classList.toggle("row-selected", (box as HTMLInputElement).checked);
  show((box as HTMLInputElement).name);
});

on("click", "tr[data-href]", (row, event) => {
  if ((event.target as Element).closest("a, button, input, label, select, [popover]") || getSelection()?.toString()) return;
  row.querySelector<HTMLAnchorElement>(".row-link")?.click();
});
