// A strip beside a tall picture: where in it the regions are, and which part is in sight.

export class Overview {
  #strip = document.getElementById("overview");
  #window = document.createElement("div");

  constructor(camera, boxes) {
    this.camera = camera;
    if (!this.#strip) {
      return;
    }
    this.#window.className = "overview-window";
    this.#strip.append(...boxes.map((box) => this.#mark(box)), this.#window);
    this.#strip.addEventListener("pointerdown", (event) => {
      this.#strip.setPointerCapture(event.pointerId);
      this.#lookAt(event);
    });
    this.#strip.addEventListener("pointermove", (event) => {
      if (this.#strip.hasPointerCapture(event.pointerId)) {
        this.#lookAt(event);
      }
    });
    camera.addEventListener("change", () => this.#draw());
  }

  #mark({ y, height }) {
    const mark = document.createElement("div");
    mark.className = "overview-mark";
    this.#place(mark, y, height);
    return mark;
  }

  #place(element, y, height) {
    element.style.top = `${(100 * y) / this.camera.height}%`;
    element.style.height = `${(100 * height) / this.camera.height}%`;
  }

  #draw() {
    const { camera } = this;
    const height = Math.min(camera.pane.height / camera.scale, camera.height);
    this.#place(this.#window, camera.y - height / 2, height);
  }

  #lookAt({ clientY }) {
    const { top, height } = this.#strip.getBoundingClientRect();
    this.camera.lookAt(this.camera.x, ((clientY - top) / height) * this.camera.height);
  }
}
