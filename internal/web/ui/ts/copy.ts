// Copies text to the clipboard and says so on the control and aloud.
import { on, say } from "./page";
import { toast } from "./toasts";

on("click", "[data-copy]", async (control) => {
  try {
    await navigator.clipboard.writeText(control.dataset.copy ?? "");
  } catch {
    toast("Copying was refused by the browser.");
    return;
  }
  const label = control.querySelector(".btn-label");
  say("Copied");
  if (!label) return toast("Copied");
  const words = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = words; }, 1500);
});
