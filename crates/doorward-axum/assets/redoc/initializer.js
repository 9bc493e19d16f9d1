"use strict";

// The fonts of the system: ReDoc's own would come from a CDN.
const fontFamily = "system-ui, sans-serif";

Redoc.init(
  "/openapi.json",
  {
    theme: {
      typography: {
        fontFamily,
        headings: { fontFamily },
      },
    },
  },
  document.getElementById("redoc"),
);
