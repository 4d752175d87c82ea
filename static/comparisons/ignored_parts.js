// Gets the editor of rectangles when there is something to edit: few need it, and it is the largest part.

export function followIgnoredParts(form, picker) {
  const details = document.getElementById("ignored-parts");
  let regions = null;

  async function show() {
    if (details.open || form.elements.ignore_regions.value) {
      regions ??= import("./region_editor.js").then(({ editRegions }) => editRegions(form, picker));
      (await regions).load();
    }
  }
  details.addEventListener("toggle", show);
  return { show };
}
