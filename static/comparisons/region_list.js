// The rectangles as rows of numbers: exact, and for whoever uses no pointer.

import { announce } from "./announce.js";
import { clearError } from "./errors.js";
import { KEYS } from "./regions.js";

export class RegionList {
  #rows = new Map();

  constructor(regions, list) {
    this.regions = regions;
    this.list = list;
    this.template = document.getElementById("region-row").content.firstElementChild;
    regions.addEventListener("change", () => this.show());
  }

  focus(region) {
    this.#rows.get(region).querySelector("input").focus();
  }

  show() {
    for (const [region, row] of this.#rows) {
      if (!this.regions.items.includes(region)) {
        row.remove();
        this.#rows.delete(region);
      }
    }
    this.regions.items.forEach((region, index) => {
      const row = this.#rows.get(region) ?? this.#addRow(region);
      row.querySelector(".delete").ariaLabel = `Delete rectangle ${index + 1}`;
      for (const key of KEYS) {
        const input = row.querySelector(`[name="${key}"]`);
        input.ariaLabel = `Rectangle ${index + 1}: ${key}`;
        // What is being typed stays as it is.
        if (input !== document.activeElement) {
          input.value = region[key];
        }
      }
    });
  }

  #addRow(region) {
    const row = this.template.cloneNode(true);
    row.addEventListener("input", ({ target }) => {
      clearError(target);
      this.regions.change(region, { [target.name]: target.valueAsNumber });
    });
    row.querySelector(".delete").addEventListener("click", () => {
      const neighbour = row.nextElementSibling ?? row.previousElementSibling;
      this.regions.remove(region);
      announce("Rectangle deleted");
      (neighbour?.querySelector(".delete") ?? document.getElementById("add-region")).focus();
    });
    this.list.append(row);
    this.#rows.set(region, row);
    return row;
  }
}
