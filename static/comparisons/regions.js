// The rectangles that never count, in pixels of image 1. The form's field holds them as JSON.

export const KEYS = ["x", "y", "width", "height"];

export class Regions extends EventTarget {
  items = [];

  constructor(field) {
    super();
    this.field = field;
  }

  load() {
    this.items = parse(this.field.value);
    this.#tell();
  }

  add(region) {
    this.items.push(region);
    this.#save();
    return region;
  }

  change(region, values) {
    Object.assign(region, values);
    this.#save();
  }

  remove(region) {
    this.items = this.items.filter((item) => item !== region);
    this.#save();
  }

  #save() {
    this.field.value = this.items.length ? JSON.stringify(this.items) : "";
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

function parse(json) {
  try {
    const items = JSON.parse(json || "[]");
    return Array.isArray(items) ? items : [];
  } catch {
    // Typed in by hand where there was no script.
    return [];
  }
}
