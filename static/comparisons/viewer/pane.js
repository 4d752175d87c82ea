// A window onto some of the pictures, laid on each other, and the outline of a region.

import { Picture } from "./pictures.js";

// From here on, pixels are shown as blocks, not blurred.
const PIXELATED_FROM = 2;

export class Pane {
  #pictures = {};
  #world = document.createElement("div");
  #outline = document.createElement("div");
  #label = document.createElement("p");
  // Where the picture begins, on whole pixels of the screen.
  left = 0;

  constructor(element, { sources, width, height, background }) {
    this.element = element;
    this.sources = sources;
    this.#world.className = "world";
    this.#world.style.width = `${width}px`;
    this.#world.style.height = `${height}px`;
    this.#world.style.setProperty("--background", background);
    this.#outline.className = "outline";
    this.#outline.hidden = true;
    this.#label.className = "pane-label";
    element.append(this.#world, this.#outline, this.#label);
  }

  load(names) {
    return Promise.all(names.map((name) => this.#find(name).load()));
  }

  /** Show these pictures, the last on top. Without any, there is no pane. */
  show(names) {
    this.element.hidden = names.length === 0;
    this.#world.replaceChildren(...names.map((name) => this.#find(name).element));
  }

  #find(name) {
    this.#pictures[name] ??= new Picture(this.sources[name]);
    return this.#pictures[name];
  }

  /** The picture on top; null as long as there is none. */
  get upper() {
    return this.#world.lastElementChild;
  }

  set label(text) {
    this.#label.textContent = text;
  }

  get size() {
    const { width, height } = this.element.getBoundingClientRect();
    return { width, height };
  }

  contains(x, y) {
    const { left, right, top, bottom } = this.element.getBoundingClientRect();
    return left <= x && x < right && top <= y && y < bottom;
  }

  /** Move all to where the camera looks; outline a box of the picture, if there is one. */
  follow(camera, box) {
    const [left, top] = [snap(camera.left), snap(camera.top)];
    this.left = left;
    this.#world.style.transform = `translate(${left}px, ${top}px) scale(${camera.scale})`;
    this.#world.classList.toggle("pixelated", camera.zoom >= PIXELATED_FROM);
    this.#outline.hidden = !box;
    if (box) {
      const style = this.#outline.style;
      style.translate = `${left + box.x * camera.scale}px ${top + box.y * camera.scale}px`;
      style.width = `${box.width * camera.scale}px`;
      style.height = `${box.height * camera.scale}px`;
    }
  }
}

/** Move by whole pixels of the screen, as browsers place the pane: between two, all would blur. */
function snap(position) {
  return Math.round(position * devicePixelRatio) / devicePixelRatio;
}
