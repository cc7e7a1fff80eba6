// Shows a running count of graphemes. The server's count by the network's own rule replaces
// it with the next answer.
import { on } from "./page";

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function length(text: string): number {
  let count = 0;
  for (const _ of segments.segment(text)) count++;
  return count;
}

on("input", "textarea[id], input[id]", (control) => {
  const text = (control as HTMLTextAreaElement).value;
  document.querySelectorAll<HTMLElement>(`[data-counts="${CSS.escape(control.id)}"]`).forEach((counter) => {
    const now = counter.querySelector(".counter-now");
    const limit = Number(counter.dataset.limit) || 0;
    const count = length(text);
    if (now) now.textContent = String(count);
    counter.classList.toggle("counter-over", limit > 0 && count > limit);
    counter.classList.toggle("counter-near", limit > 0 && count <= limit && count * 10 >= limit * 9);
  });
});
