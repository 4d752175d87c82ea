// The slider: a line between image 1, at its left, and image 2. It stays where it is while one pans.

import { clamp } from "./camera.js";

export class Divider {
  #line = document.getElementById("divider");
  #range = document.getElementById("slider");
  // The part of the picture that is in sight: the line never leaves it.
  #span = { start: 0, end: 1 };

  constructor(onChange) {
    this.#range.addEventListener("input", onChange);
    this.#line.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.#line.setPointerCapture(event.pointerId);
    });
    this.#line.addEventListener("pointermove", (event) => {
      if (this.#line.hasPointerCapture(event.pointerId)) {
        const { left } = this.#line.parentElement.getBoundingClientRect();
        this.#moveTo(event.clientX - left);
        onChange();
      }
    });
  }

  #moveTo(x) {
    const { start, end } = this.#span;
    this.#range.value = clamp((100 * (x - start)) / (end - start), 0, 100);
  }

  /** Draw the line, and leave of the upper picture what is to its right. */
  draw(pane, camera) {
    const { left } = pane;
    const right = left + camera.width * camera.scale;
    this.#span = { start: Math.max(0, left), end: Math.min(camera.pane.width, right) };
    const { start, end } = this.#span;
    const x = Math.round(start + (this.#range.value / 100) * (end - start));
    this.#line.hidden = false;
    this.#line.style.translate = `${x}px`;
    pane.upper.style.clipPath = `inset(0 0 0 ${(x - left) / camera.scale}px)`;
  }

  hide() {
    this.#line.hidden = true;
  }
}
