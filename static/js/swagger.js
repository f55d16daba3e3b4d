// Starts Swagger UI on /docs. FastAPI's page does this in an inline script, which the content
// security policy forbids.

import { repair } from "./ui/docs-access.js";
import { followTheme } from "./ui/theme.js";

// Swagger UI has dark colours for this class.
followTheme((dark) => document.documentElement.classList.toggle("dark-mode", dark));

const place = document.querySelector("#swagger-ui");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.openapiUrl,
  deepLinking: true,
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
  // Both would ask other servers.
  validatorUrl: null,
  queryConfigEnabled: false,
});

repair(place);
