// Everything here is an addition: links and forms work without it.
import "../third_party/htmx/htmx.esm.min.js";
import "./combobox";
import "./compose";
import "./copy";
import "./counter";
import "./dialogs";
import "./editor";
import "./filedrop";
import "./focal";
import "./forms";
import "./keys";
import "./list";
import "./live";
import "./look";
import "./mention";
import "./menus";
import "./move";
import "./passkey";
import "./times";
import "./toasts";
import "./upload";
import { ready } from "./page";

ready();
