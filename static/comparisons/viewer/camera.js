// Which part of the pictures is seen, and how large: one for all panes and modes.
//
// Zoom is screen pixels for one pixel of the picture, so that 1 is exact on every screen; CSS pixels are
// what everything else here is in, save `x` and `y`: the picture's pixel in the middle of a pane.

export const FIT = "fit";
const MAX_ZOOM = 16;
const LEVELS = [1 / 16, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 6, 8, 12, MAX_ZOOM];
// A region that one jumps to is at least so large on the screen, and takes at most this part of a pane.
const MIN_SHOWN_SIDE = 32;
const MAX_SHOWN_PART = 0.75;

export class Camera extends EventTarget {
  wanted = FIT;
  x = 0;
  y = 0;
  pane = { width: 1, height: 1 };
  // The height that a pane could have: how far a small picture may be enlarged to fit.
  maxHeight = Infinity;

  constructor(width, height) {
    super();
    this.width = width;
    this.height = height;
  }

  get zoom() {
    return this.wanted === FIT ? this.fitZoom : this.wanted;
  }

  get scale() {
    return this.zoom / devicePixelRatio;
  }

  get fitZoom() {
    return this.fit(this.pane.width);
  }

  /** Fit a width; a small picture is only enlarged by whole factors, and fits as a whole. */
  fit(width) {
    const across = (width * devicePixelRatio) / this.width;
    const down = (this.maxHeight * devicePixelRatio) / this.height;
    return across < 1 ? across : clamp(Math.floor(Math.min(across, down)), 1, MAX_ZOOM);
  }

  /** The zoom that fits all of it, or 1. Nobody needs less. */
  get minZoom() {
    return Math.min(1, this.fitZoom, (this.pane.height * devicePixelRatio) / this.height);
  }

  /** Where the picture's corner is in a pane. */
  get left() {
    return this.pane.width / 2 - this.x * this.scale;
  }

  get top() {
    return this.pane.height / 2 - this.y * this.scale;
  }

  /** Take the size of the panes. What fits keeps its upper edge, all else its middle. */
  measure(pane) {
    const upperEdge = -this.top / this.scale;
    this.pane = pane;
    if (this.wanted === FIT) {
      this.y = upperEdge + pane.height / 2 / this.scale;
    }
    this.#change();
  }

  /** Look at a point of the picture. */
  lookAt(x, y) {
    [this.x, this.y] = [x, y];
    this.#change();
  }

  panBy(right, down) {
    this.lookAt(this.x + right / this.scale, this.y + down / this.scale);
  }

  /** Whether there is more to see in a direction: -1, 0 or 1 for each axis. */
  canPan(right, down) {
    const before = [this.x, this.y];
    const after = [
      clampMiddle(this.x + right / this.scale, this.pane.width / this.scale, this.width),
      clampMiddle(this.y + down / this.scale, this.pane.height / this.scale, this.height),
    ];
    return before.some((middle, axis) => Math.abs(middle - after[axis]) * this.scale > 0.5);
  }

  /** Zoom, and keep in place what is at a point of the pane: by default its middle. */
  zoomTo(zoom, at = { x: this.pane.width / 2, y: this.pane.height / 2 }) {
    const point = { x: (at.x - this.left) / this.scale, y: (at.y - this.top) / this.scale };
    this.wanted = zoom === FIT ? FIT : clamp(zoom, this.minZoom, MAX_ZOOM);
    this.lookAt(
      point.x + (this.pane.width / 2 - at.x) / this.scale,
      point.y + (this.pane.height / 2 - at.y) / this.scale,
    );
  }

  zoomIn(at) {
    this.zoomTo(LEVELS.find((level) => level > this.zoom * 1.01) ?? MAX_ZOOM, at);
  }

  zoomOut(at) {
    this.zoomTo(LEVELS.findLast((level) => level < this.zoom * 0.99) ?? 0, at);
  }

  /** Bring a box of the picture into view; zoom only if it would be too small or too large. */
  show({ x, y, width, height }) {
    const [shownWidth, shownHeight] = [width * this.scale, height * this.scale];
    const largest = MAX_SHOWN_PART * Math.min(this.pane.width / width, this.pane.height / height);
    if (Math.max(shownWidth, shownHeight) < MIN_SHOWN_SIDE || largest < this.scale) {
      const zoom = clamp(largest * devicePixelRatio, this.minZoom, 4);
      this.wanted = zoom > 1 ? Math.floor(zoom) : zoom;
    }
    this.lookAt(x + width / 2, y + height / 2);
  }

  #change() {
    this.x = clampMiddle(this.x, this.pane.width / this.scale, this.width);
    this.y = clampMiddle(this.y, this.pane.height / this.scale, this.height);
    this.dispatchEvent(new Event("change"));
  }
}

/** Keep the picture's edges at or beyond those of the pane; in its middle, if the pane is larger. */
function clampMiddle(middle, seen, size) {
  return seen >= size ? size / 2 : clamp(middle, seen / 2, size - seen / 2);
}

export function clamp(value, min, max) {
  return Math.min(Math.max(value, min), max);
}
