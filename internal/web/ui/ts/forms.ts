// Forms: filters send themselves, drafts save themselves, Ctrl+Enter sends.
import { on, onContent } from "./page";

on("change", "form[data-submit-on-change]", (form) => (form as HTMLFormElement).requestSubmit());

on("keydown", "form textarea, form input", (control, event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = control.closest("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector<HTMLButtonElement>("button[type=submit][data-shortcut='Ctrl+Enter']") ?? form.querySelector<HTMLButtonElement>("button[type=submit].btn-primary"));
});

// A submit button that was pressed shows progress until the next page comes.
on("submit", "form", (form, event) => {
  const button = (event as SubmitEvent).submitter;
  if (event.defaultPrevented || !(button instanceof HTMLButtonElement) || form.matches("[method=dialog], [hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]")) return;
  setTimeout(() => { if (!event.defaultPrevented) button.setAttribute("aria-busy", "true"); });
  addEventListener("pageshow", () => button.removeAttribute("aria-busy"), { once: true });
});

// Autosave: data-autosave="/url" posts the form a second after the last change. The server
// answers 204 or 200; any other answer, and no answer, is said and tried again on the next change.
interface Saving { clock: number; running: boolean; again: boolean }
const savings = new WeakMap<HTMLFormElement, Saving>();

function state(form: HTMLFormElement, name: string, words: string): void {
  form.dataset.saved = name;
  const places = form.querySelectorAll<HTMLElement>("[data-autosave-state]");
  places.forEach((place) => { place.textContent = words; });
}

async function save(form: HTMLFormElement, saving: Saving): Promise<void> {
  if (saving.running) {
    saving.again = true;
    return;
  }
  saving.running = true;
  state(form, "saving", "Saving…");
  try {
    const answer = await fetch(form.dataset.autosave ?? "", {
      method: "POST", body: new FormData(form), headers: { "HX-Request": "true", "X-Autosave": "true" }, redirect: "error", credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    state(form, "saved", `Saved ${at}`);
  } catch {
    state(form, "unsaved", "Not saved: no answer from the server. Your text stays here; saving is tried again.");
    saving.clock = window.setTimeout(() => void save(form, saving), 10000);
  } finally {
    saving.running = false;
    if (saving.again) {
      saving.again = false;
      void save(form, saving);
    }
  }
}

function changed(form: HTMLFormElement): void {
  const saving = savings.get(form) ?? { clock: 0, running: false, again: false };
  savings.set(form, saving);
  state(form, "changed", "Not saved yet");
  clearTimeout(saving.clock);
  saving.clock = window.setTimeout(() => void save(form, saving), 1000);
}

on("input", "form[data-autosave]", (form) => changed(form as HTMLFormElement));
on("change", "form[data-autosave]", (form) => changed(form as HTMLFormElement));
on("submit", "form[data-autosave]", (form) => {
  clearTimeout(savings.get(form as HTMLFormElement)?.clock);
  form.dataset.saved = "sent";
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-autosave]:is([data-saved=changed], [data-saved=unsaved], [data-saved=saving])")) event.preventDefault();
});

// Hidden on purpose where scripts run: a control that exists for pages without them.
onContent((root) => root.querySelectorAll<HTMLElement>("[data-no-script]").forEach((element) => { element.hidden = true; }));
