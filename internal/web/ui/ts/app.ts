import "../third_party/htmx/htmx.esm.min.js";
