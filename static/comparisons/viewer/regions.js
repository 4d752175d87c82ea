// The regions in which the two differ: a list to choose from, and steps through it.

import { announce } from "../announce.js";

export class Regions extends EventTarget {
  #list = document.getElementById("regions");
  #buttons = [...document.querySelectorAll("[data-box]")];
  #ignoreButton = document.getElementById("ignore-region");
  boxes = this.#buttons.map(readBox);
  index = -1;

  constructor() {
    super();
    this.#buttons.forEach((button, index) =>
      button.addEventListener("click", () => this.choose(index)),
    );
    this.#ignoreButton?.setAttribute("disabled", "");
    document.getElementById("next")?.addEventListener("click", () => this.step(1));
    document.getElementById("previous")?.addEventListener("click", () => this.step(-1));
  }

  /** The chosen one, as x, y, width and height in the picture's pixels. */
  get box() {
    return this.boxes[this.index];
  }

  step(by) {
    const count = this.boxes.length;
    if (count) {
      this.choose(this.index < 0 ? (by > 0 ? 0 : count - 1) : (this.index + by + count) % count);
    }
  }

  choose(index) {
    if (!this.boxes[index]) {
      return;
    }
    this.#buttons[this.index]?.removeAttribute("aria-current");
    this.index = index;
    this.#buttons[index].setAttribute("aria-current", "true");
    this.#ignoreButton.disabled = false;
    this.#scrollTo(this.#buttons[index]);
    announce(`Region ${index + 1} of ${this.boxes.length}: ${this.#buttons[index].textContent}`);
    this.dispatchEvent(new Event("change"));
  }

  /** Scroll the list, and not, as scrollIntoView would, the page. */
  #scrollTo(button) {
    const list = this.#list.getBoundingClientRect();
    const row = button.getBoundingClientRect();
    this.#list.scrollTop += Math.min(0, row.top - list.top) + Math.max(0, row.bottom - list.bottom);
  }
}

function readBox(button) {
  const [x, y, width, height] = button.dataset.box.split(" ").map(Number);
  return { x, y, width, height };
}
