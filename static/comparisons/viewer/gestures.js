// Mouse, pen and fingers on the pictures.

import { FIT } from "./camera.js";

// A notch of a wheel sends up to 120, a pinch on a touch pad a few at a time.
const MAX_WHEEL_STEP = 35;
const WHEEL_SPEED = 0.01;
const LINE_HEIGHT = 40;

export function followGestures(viewport, findPane, camera) {
  const pointers = new Map();

  /** Find a point in the pane under it. */
  function locate({ clientX, clientY }) {
    const { left, top } = findPane(clientX, clientY).getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  viewport.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      viewport.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
    }
  });

  viewport.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    if (other) {
      pinch(before, event, other);
    } else {
      camera.panBy(before.clientX - event.clientX, before.clientY - event.clientY);
    }
  });

  function pinch(before, after, other) {
    const middle = {
      clientX: (after.clientX + other.clientX) / 2,
      clientY: (after.clientY + other.clientY) / 2,
    };
    camera.zoomTo((camera.zoom * distance(after, other)) / distance(before, other), locate(middle));
    camera.panBy((before.clientX - after.clientX) / 2, (before.clientY - after.clientY) / 2);
  }

  for (const end of ["pointerup", "pointercancel"]) {
    viewport.addEventListener(end, ({ pointerId }) => pointers.delete(pointerId));
  }

  viewport.addEventListener(
    "wheel",
    (event) => {
      const [right, down] = readWheel(event);
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const step = Math.min(Math.max(down, -MAX_WHEEL_STEP), MAX_WHEEL_STEP);
        camera.zoomTo(camera.zoom * Math.exp(-step * WHEEL_SPEED), locate(event));
      } else if (camera.canPan(right, down)) {
        // At the picture's end, the page scrolls on.
        event.preventDefault();
        camera.panBy(right, down);
      }
    },
    { passive: false },
  );

  viewport.addEventListener("dblclick", (event) =>
    camera.zoomTo(camera.wanted === FIT && camera.fitZoom !== 1 ? 1 : FIT, locate(event)),
  );
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
}

function readWheel({ deltaX, deltaY, deltaMode, shiftKey }) {
  const unit = deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
  const [right, down] = [deltaX * unit, deltaY * unit];
  return shiftKey && !right ? [down, 0] : [right, down];
}
