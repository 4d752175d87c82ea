// Takes the region that is chosen out of the next comparison.

import { announce } from "./announce.js";

export function offerToIgnoreRegions(rerun) {
  const field = rerun.querySelector("[name=ignore_regions]");
  document.getElementById("ignore-region")?.addEventListener("click", () => {
    const chosen = document.querySelector("[data-box][aria-current]");
    const [x, y, width, height] = chosen.dataset.box.split(" ").map(Number);
    field.value = JSON.stringify([...readRectangles(field.value), { x, y, width, height }]);
    rerun.open = true;
    field.focus();
    announce("Added to the ignored rectangles");
  });
}

/** What does not make sense as a list is left to the server to complain of, until it is replaced here. */
function readRectangles(text) {
  try {
    return [...JSON.parse(text)];
  } catch {
    return [];
  }
}
