"use strict";

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  // Neither may leave this server: the document goes to no validator, and
  // tokens stay in the page's memory.
  validatorUrl: null,
  persistAuthorization: false,
});
