// The rectangles on the picture, drawn in its own pixels: by a pointer or by the keyboard.

import { announce } from "./announce.js";

const SVG = "http://www.w3.org/2000/svg";
const CORNERS = ["nw", "ne", "se", "sw"];
const HANDLE_SIZE = 10;
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Stage {
  #drawn = new Map();
  #width = 0;
  #height = 0;

  constructor(regions, element) {
    this.regions = regions;
    this.element = element;
    this.picture = element.querySelector("img");
    this.svg = element.querySelector("svg");
    this.svg.addEventListener("pointerdown", (event) => this.#beginDrag(event));
    regions.addEventListener("change", () => this.show());
    new ResizeObserver(() => this.show()).observe(this.svg);
  }

  /** Draw on a picture from now on; null for none. */
  use(picture) {
    this.element.hidden = !picture;
    if (picture) {
      this.#width = picture.width;
      this.#height = picture.height;
      this.picture.src = picture.url;
      this.picture.width = picture.width;
      this.picture.height = picture.height;
      this.svg.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
      this.show();
    } else {
      this.picture.removeAttribute("src");
    }
  }

  /** Make a rectangle to begin with, in the middle of the picture. */
  propose() {
    const [width, height] = this.element.hidden ? [400, 400] : [this.#width, this.#height];
    return {
      x: Math.floor((width * 3) / 8),
      y: Math.floor((height * 3) / 8),
      width: Math.ceil(width / 4),
      height: Math.ceil(height / 4),
    };
  }

  show() {
    for (const [region, group] of this.#drawn) {
      if (!this.regions.items.includes(region)) {
        group.remove();
        this.#drawn.delete(region);
      }
    }
    this.regions.items.forEach((region, index) => {
      const group = this.#drawn.get(region) ?? this.#addGroup(region);
      const { x, y, width, height } = region;
      group.setAttribute(
        "aria-label",
        `Rectangle ${index + 1}: x ${x}, y ${y}, ${width} by ${height} pixels`,
      );
      place(group.firstElementChild, { x, y, width, height });
      this.#placeHandles(group, region);
    });
  }

  #placeHandles(group, { x, y, width, height }) {
    const size = (HANDLE_SIZE * this.#width) / (this.svg.clientWidth || this.#width || 1);
    for (const handle of group.querySelectorAll(".handle")) {
      const [vertical, horizontal] = handle.dataset.corner;
      place(handle, {
        x: (horizontal === "w" ? x : x + width) - size / 2,
        y: (vertical === "n" ? y : y + height) - size / 2,
        width: size,
        height: size,
      });
    }
  }

  #addGroup(region) {
    const group = document.createElementNS(SVG, "g");
    group.classList.add("region");
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "group");
    group.setAttribute("aria-roledescription", "rectangle");
    group.append(document.createElementNS(SVG, "rect"));
    for (const corner of CORNERS) {
      const handle = document.createElementNS(SVG, "rect");
      handle.classList.add("handle");
      handle.dataset.corner = corner;
      group.append(handle);
    }
    group.addEventListener("keydown", (event) => this.#press(event, region));
    this.svg.append(group);
    this.#drawn.set(region, group);
    return group;
  }

  #press(event, region) {
    if (event.key === "Delete" || event.key === "Backspace") {
      this.regions.remove(region);
      announce("Rectangle deleted");
      (this.svg.querySelector(".region") ?? document.getElementById("add-region")).focus();
    } else if (event.key in DIRECTIONS && !event.altKey && !event.ctrlKey && !event.metaKey) {
      // A hundredth of the picture: the list is for single pixels.
      const step = Math.max(1, Math.round(Math.max(this.#width, this.#height) / 100));
      const [dx, dy] = DIRECTIONS[event.key].map((sign) => sign * step);
      const { x, y, width, height } = region;
      this.regions.change(
        region,
        event.shiftKey
          ? this.#span([x, y], [Math.max(x + width + dx, x + 1), Math.max(y + height + dy, y + 1)])
          : this.#move(region, x + dx, y + dy),
      );
    } else {
      return;
    }
    event.preventDefault();
  }

  #beginDrag(event) {
    if (event.button !== 0) {
      return;
    }
    // Else the browser gives the focus to what lies below the pointer now.
    event.preventDefault();
    const start = this.#locate(event);
    const group = event.target.closest(".region");
    const corner = event.target.dataset.corner;
    let region = [...this.#drawn].find(([, drawn]) => drawn === group)?.[0];
    const follow = this.#chooseDrag(region, corner, start);

    const drag = new AbortController();
    this.svg.setPointerCapture(event.pointerId);
    this.svg.addEventListener(
      "pointermove",
      (moved) => {
        region ??= this.regions.add(this.#span(start, start));
        this.regions.change(region, follow(this.#locate(moved)));
      },
      { signal: drag.signal },
    );
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(
        end,
        () => {
          drag.abort();
          this.#drawn.get(region)?.focus({ preventScroll: true });
        },
        { signal: drag.signal },
      );
    }
  }

  /** Choose what becomes of the rectangle when the pointer gets to a point. */
  #chooseDrag(region, corner, start) {
    if (!region) {
      return (point) => this.#span(start, point);
    }
    const { x, y, width, height } = region;
    if (corner) {
      const opposite = [
        corner.endsWith("w") ? x + width : x,
        corner.startsWith("n") ? y + height : y,
      ];
      return (point) => this.#span(opposite, point);
    }
    return (point) =>
      this.#move(region, x + Math.round(point[0] - start[0]), y + Math.round(point[1] - start[1]));
  }

  /** Find the point of the picture, in its pixels, that an event happened at. */
  #locate({ clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(
      this.svg.getScreenCTM().inverse(),
    );
    return [clamp(x, this.#width), clamp(y, this.#height)];
  }

  /** Span the whole pixels that two points have between them, at least one, within the picture. */
  #span([x1, y1], [x2, y2]) {
    const x = Math.min(Math.floor(Math.min(x1, x2)), this.#width - 1);
    const y = Math.min(Math.floor(Math.min(y1, y2)), this.#height - 1);
    const right = Math.min(Math.ceil(Math.max(x1, x2)), this.#width);
    const bottom = Math.min(Math.ceil(Math.max(y1, y2)), this.#height);
    return { x, y, width: Math.max(right - x, 1), height: Math.max(bottom - y, 1) };
  }

  #move({ width, height }, x, y) {
    return { x: clamp(x, this.#width - width), y: clamp(y, this.#height - height) };
  }
}

function clamp(value, max) {
  return Math.max(0, Math.min(value, max));
}

function place(rect, box) {
  for (const [name, value] of Object.entries(box)) {
    rect.setAttribute(name, Number.isFinite(value) ? value : 0);
  }
}
