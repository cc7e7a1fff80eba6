// The part of htmx the islands call.
declare module "*/htmx.esm.min.js" {
  interface AjaxOptions { target?: string | Element; swap?: string; select?: string; values?: Record<string, string>; source?: Element }
  const htmx: {
    ajax(verb: string, path: string, options: AjaxOptions): Promise<void>;
    process(element: Element): void;
  };
  export default htmx;
}
