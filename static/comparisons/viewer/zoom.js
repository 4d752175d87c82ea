// The buttons for the zoom, and what it is.

import { FIT } from "./camera.js";

export function offerZoom(camera) {
  const output = document.getElementById("zoom");
  const fitButton = document.getElementById("zoom-fit");
  const actualButton = document.getElementById("zoom-actual");

  document.getElementById("zoom-in").addEventListener("click", () => camera.zoomIn());
  document.getElementById("zoom-out").addEventListener("click", () => camera.zoomOut());
  fitButton.addEventListener("click", () => camera.zoomTo(FIT));
  actualButton.addEventListener("click", () => camera.zoomTo(1));

  camera.addEventListener("change", () => {
    output.value = `${Number((100 * camera.zoom).toPrecision(3))} %`;
    fitButton.setAttribute("aria-pressed", camera.wanted === FIT);
    actualButton.setAttribute("aria-pressed", camera.zoom === 1);
  });
}
