// The rectangles that never count: on the picture, and in a list.

import { RegionList } from "./region_list.js";
import { Regions } from "./regions.js";
import { Stage } from "./stage.js";

export function editRegions(form, picker) {
  const regions = new Regions(form.elements.ignore_regions);
  const stage = new Stage(regions, document.getElementById("stage"));
  const list = new RegionList(regions, document.getElementById("region-list"));
  const empty = document.getElementById("stage-empty");
  const count = document.getElementById("region-count");

  const addButton = document.getElementById("add-region");

  addButton.addEventListener("click", () => list.focus(regions.add(stage.propose())));
  addButton.disabled = false;
  regions.addEventListener("change", () => {
    const { length } = regions.items;
    count.hidden = length === 0;
    count.textContent = length === 1 ? "1 rectangle" : `${length} rectangles`;
  });

  function showPicture() {
    stage.use(picker.picture);
    empty.hidden = Boolean(picker.picture);
  }
  picker.addEventListener("picture", showPicture);
  showPicture();
  return regions;
}
