// Asks the browser for a passkey. A form with data-passkey="create" or "get" fetches the server's question from
// data-passkey-ask, and is sent with the device's answer in its hidden field "answer". Parts marked data-passkey-only
// stay hidden where the browser has no passkeys; whoever has no script uses the password.
import { on, onContent } from "./page";
import { toast } from "./toasts";

const possible = () => "PublicKeyCredential" in window;

onContent((root) => {
  if (!possible()) return;
  root.querySelectorAll<HTMLElement>("[data-passkey-only][hidden]").forEach((part) => { part.hidden = false; });
});

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer | null | undefined): string | undefined {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

type Described = { id: string; type: "public-key"; transports?: AuthenticatorTransport[] };
const described = (list: Described[] = []) => list.map((c) => ({ ...c, id: bytes(c.id) }));

async function ask(kind: string, question: any): Promise<string> {
  const options = question.publicKey;
  options.challenge = bytes(options.challenge);
  if (kind === "create") {
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = described(options.excludeCredentials);
  } else {
    options.allowCredentials = described(options.allowCredentials);
  }
  const made = await (kind === "create" ? navigator.credentials.create({ publicKey: options }) : navigator.credentials.get({ publicKey: options }));
  const key = made as PublicKeyCredential;
  const answer = key.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  return JSON.stringify({
    id: key.id, rawId: text(key.rawId), type: key.type, authenticatorAttachment: key.authenticatorAttachment ?? undefined,
    clientExtensionResults: key.getClientExtensionResults(),
    response: {
      clientDataJSON: text(answer.clientDataJSON), attestationObject: text(answer.attestationObject),
      transports: answer.getTransports?.(), authenticatorData: kind === "get" ? text(answer.authenticatorData) : undefined,
      signature: text(answer.signature), userHandle: text(answer.userHandle),
    },
  });
}

on("submit", "form[data-passkey]", async (element, event) => {
  const form = element as HTMLFormElement;
  const field = form.elements.namedItem("answer") as HTMLInputElement;
  if (field.value) return;
  event.preventDefault();
  try {
    const response = await fetch(form.dataset.passkeyAsk ?? "", { method: "POST", headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    field.value = await ask(form.dataset.passkey ?? "get", await response.json());
  } catch (problem) {
    const stopped = problem instanceof DOMException && (problem.name === "NotAllowedError" || problem.name === "AbortError");
    const known = problem instanceof DOMException && problem.name === "InvalidStateError";
    toast(known ? "This device has a passkey here already." : stopped ? "No passkey was used." : "The passkey did not work. Use your password, or try again.");
    return;
  }
  form.submit();
});
