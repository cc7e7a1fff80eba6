// Everything here is an addition: links and forms work without it.
import "../third_party/htmx/htmx.esm.min.js";
import "./combobox";
import "./copy";
import "./counter";
import "./dialogs";
import "./filedrop";
import "./focal";
import "./forms";
import "./keys";
import "./list";
import "./live";
import "./look";
import "./menus";
import "./move";
import "./times";
import "./toasts";
import { ready } from "./page";

ready();
