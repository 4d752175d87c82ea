// What is seen: the pictures of the chosen mode in their panes, and how they lie on each other.

import { Blink } from "./blink.js";
import { Divider } from "./divider.js";
import { MODES } from "./modes.js";
import { Pane } from "./pane.js";

export class Stage extends EventTarget {
  #viewport = document.getElementById("viewport");
  #sizer = document.getElementById("sizer");
  #busy = document.getElementById("busy");
  #broken = document.getElementById("broken");
  #opacity = document.getElementById("opacity");
  #divider = new Divider(() => this.draw());
  #blink = new Blink(() => this.draw());
  // The mode that is seen: not yet the chosen one while its pictures are loading.
  #shown = null;
  chosen = null;

  constructor(canvas, camera, regions) {
    super();
    this.camera = camera;
    this.regions = regions;
    this.panes = [...this.#viewport.querySelectorAll(".pane")].map((pane) => new Pane(pane, canvas));
    this.#opacity.addEventListener("input", () => this.draw());
    camera.addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.measure()).observe(this.#viewport);
  }

  async choose(mode) {
    this.chosen = mode;
    this.#broken.hidden = true;
    this.#busy.hidden = false;
    this.dispatchEvent(new Event("change"));
    try {
      await this.#load(mode);
      if (mode === this.chosen) {
        this.#show(mode);
      }
    } catch {
      this.#broken.hidden = mode !== this.chosen;
    }
    this.#busy.hidden = mode === this.chosen;
  }

  /** Load what is likely wanted next; whether that works is said when it is. */
  prepare(mode) {
    this.#load(mode).catch(() => {});
  }

  #load(mode) {
    return Promise.all(MODES[mode].panes.map((names, index) => this.panes[index].load(names)));
  }

  #show(mode) {
    const { panes, labels } = MODES[mode];
    this.#shown = mode;
    this.#viewport.dataset.mode = mode;
    this.panes.forEach((pane, index) => {
      pane.show(panes[index] ?? []);
      pane.label = labels?.[index] ?? "";
    });
    this.#blink.isActive = mode === "blink";
    this.measure();
  }

  /** Make the viewport as high as what fits its width, in whatever mode. */
  measure() {
    const { camera } = this;
    // None in full screen, which has a height of its own.
    const maxHeight = Number.parseFloat(getComputedStyle(this.#viewport).maxHeight);
    camera.maxHeight = maxHeight || this.#viewport.clientHeight;
    const fittingZoom = camera.fit(this.#viewport.clientWidth);
    this.#sizer.style.width = `${(camera.width * fittingZoom) / devicePixelRatio}px`;
    camera.measure(this.panes[0].size);
  }

  draw() {
    const { camera, panes } = this;
    panes.forEach((pane) => pane.follow(camera, this.regions.box));
    this.#viewport.classList.toggle("pannable", camera.canPan(1, 1) || camera.canPan(-1, -1));
    this.#divider.hide();
    this.#drawUpper(panes[0]);
  }

  /** Clip, fade or hide what lies above. */
  #drawUpper(pane) {
    pane.upper?.removeAttribute("style");
    switch (this.#shown) {
      case "slider":
        this.#divider.draw(pane, this.camera);
        break;
      case "onion-skin":
        pane.upper.style.opacity = this.#opacity.value / 100;
        break;
      case "blink":
        pane.upper.style.visibility = this.#blink.isUpperShown ? "visible" : "hidden";
        pane.label = this.#blink.isUpperShown ? "Image 2" : "Image 1";
    }
  }

  flip() {
    if (this.#shown === "blink") {
      this.#blink.flip();
    }
  }

  /** Find the pane at a point of the window; the first one, if there is none. */
  findPane(x, y) {
    return (this.panes.find((pane) => pane.contains(x, y)) ?? this.panes[0]).element;
  }
}
