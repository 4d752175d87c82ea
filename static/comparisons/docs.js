// Shows the schema with Swagger UI, light or dark as the system's setting says.

const dark = matchMedia("(prefers-color-scheme: dark)");

function followColorScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.addEventListener("change", followColorScheme);
followColorScheme();
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: document.getElementById("swagger-ui").dataset.schema,
  // Links of their own, within the buttons that unfold, would be controls within controls.
  deepLinking: false,
});
