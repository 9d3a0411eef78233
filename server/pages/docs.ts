import type { Page } from './page.ts'

/**
 * The endpoints as RapiDoc shows them. Its script is our own copy, and may talk to this service alone. RapiDoc writes styles into its
 * elements, which is all that has to be let.
 */
export const docsPage: Page = {
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The endpoints – Portcullis</title>
<script type="module" src="/docs/rapidoc.js"></script>
<rapi-doc spec-url="/openapi.json" load-fonts="false" regular-font="system-ui, sans-serif" mono-font="ui-monospace, monospace"
  render-style="read" schema-style="table" default-schema-tab="example" show-header="false" allow-server-selection="false"
  allow-spec-url-load="false" allow-spec-file-load="false" persist-auth="false" theme="light">
</rapi-doc>
<noscript>This page needs scripts. <a href="/openapi.json">The description of the service</a> does not.</noscript>
</html>
`,
  policy:
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
