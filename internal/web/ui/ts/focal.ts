// Chooses the focal point of an image: by pointer, or with arrow keys. The point is written as
// percentages into two hidden controls named <name>_x and <name>_y beside the image.
import { on, onContent, say } from "./page";

const part = (root: HTMLElement, axis: "x" | "y") => root.querySelector<HTMLInputElement>(`input[name$="_${axis}"]`);
const clamp = (v: number) => Math.max(0, Math.min(100, v));

function show(root: HTMLElement): void {
  let point = root.querySelector<HTMLElement>(".focal-point");
  if (!point) {
    point = document.createElement("span");
    point.className = "focal-point";
    root.append(point);
  }
  point.style.left = `${part(root, "x")?.value || 50}%`;
  point.style.top = `${part(root, "y")?.value || 50}%`;
}

function set(root: HTMLElement, x: number, y: number): void {
  const [px, py] = [part(root, "x"), part(root, "y")];
  if (!px || !py) return;
  px.value = String(Math.round(clamp(x)));
  py.value = String(Math.round(clamp(y)));
  show(root);
}

function changed(root: HTMLElement): void {
  say(`Focal point ${part(root, "x")?.value} percent across, ${part(root, "y")?.value} percent down`);
  part(root, "x")?.dispatchEvent(new Event("change", { bubbles: true }));
}

function follow(root: HTMLElement, event: PointerEvent): void {
  const box = root.getBoundingClientRect();
  set(root, ((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100);
}

on("pointerdown", "[data-focal]", (root, event) => {
  root.setPointerCapture(event.pointerId);
  follow(root, event);
});
on("pointermove", "[data-focal]", (root, event) => { if (root.hasPointerCapture(event.pointerId)) follow(root, event); });
on("pointerup", "[data-focal]", (root) => changed(root));

on("keydown", "[data-focal]", (root, event) => {
  const by = event.shiftKey ? 10 : 2;
  const steps: Record<string, [number, number]> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  set(root, Number(part(root, "x")?.value || 50) + step[0], Number(part(root, "y")?.value || 50) + step[1]);
  changed(root);
});

onContent((root) => root.querySelectorAll<HTMLElement>("[data-focal]").forEach(show));
