// Puts the viewer together: a stage that follows a camera, and all that moves the one and the other.

import { Camera, FIT } from "./camera.js";
import { readFragment, writeFragment } from "./fragment.js";
import { followGestures } from "./gestures.js";
import { FIRST_MODE, MODES } from "./modes.js";
import { Overview } from "./overview.js";
import { Regions } from "./regions.js";
import { followShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { offerZoom } from "./zoom.js";

const ARROW_STEP = 80;

/** `onMoved` is called once the address leads to what is looked at now. */
export function showViewer(viewer, { onMoved }) {
  const canvas = readCanvas(viewer);
  const camera = new Camera(canvas.width, canvas.height);
  const regions = new Regions();
  const stage = new Stage(canvas, camera, regions);
  new Overview(camera, regions.boxes);
  offerZoom(camera);
  offerModes(viewer, stage);
  followGestures(document.getElementById("viewport"), (x, y) => stage.findPane(x, y), camera);
  regions.addEventListener("change", () => camera.show(regions.box));

  const shortcuts = document.getElementById("shortcuts");
  const toggleFullscreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : viewer.requestFullscreen();
  document.getElementById("fullscreen").addEventListener("click", toggleFullscreen);
  document.getElementById("help").addEventListener("click", () => shortcuts.showModal());

  /** At the picture's end, the page scrolls on. */
  const pan = (right, down) => camera.canPan(right, down) && camera.panBy(right, down);

  followShortcuts(viewer, {
    ...Object.fromEntries(
      Object.keys(MODES).map((mode, index) => [index + 1, () => stage.choose(mode)]),
    ),
    "+": () => camera.zoomIn(),
    "=": () => camera.zoomIn(),
    "-": () => camera.zoomOut(),
    0: () => camera.zoomTo(FIT),
    9: () => camera.zoomTo(1),
    ArrowLeft: () => pan(-ARROW_STEP, 0),
    ArrowRight: () => pan(ARROW_STEP, 0),
    ArrowUp: () => pan(0, -ARROW_STEP),
    ArrowDown: () => pan(0, ARROW_STEP),
    n: () => regions.step(1),
    p: () => regions.step(-1),
    i: () => document.getElementById("ignore-region")?.click(),
    x: () => stage.flip(),
    f: toggleFullscreen,
    "?": () => shortcuts.showModal(),
  });

  goToFragment(stage, camera, regions);
  for (const moving of [camera, stage, regions]) {
    moving.addEventListener("change", () => writeFragment(stage, camera, regions, onMoved));
  }
}

function readCanvas(viewer) {
  return {
    sources: JSON.parse(document.getElementById("pictures").textContent),
    width: Number(viewer.dataset.width),
    height: Number(viewer.dataset.height),
    background: viewer.dataset.background,
  };
}

function offerModes(viewer, stage) {
  const buttons = [...viewer.querySelectorAll("button[data-mode]")];
  const controls = [...viewer.querySelectorAll("[data-for]")];
  for (const button of buttons) {
    button.addEventListener("click", () => stage.choose(button.dataset.mode));
    // What one points at may have to be rendered first.
    button.addEventListener("pointerenter", () => stage.prepare(button.dataset.mode));
  }
  stage.addEventListener("change", () => {
    buttons.forEach((button) =>
      button.setAttribute("aria-pressed", button.dataset.mode === stage.chosen),
    );
    controls.forEach((control) => (control.hidden = control.dataset.for !== stage.chosen));
  });
}

function goToFragment(stage, camera, regions) {
  const { mode, zoom, at, region } = readFragment();
  stage.measure();
  if (region) {
    regions.choose(region - 1);
  }
  if (zoom) {
    camera.zoomTo(zoom);
  }
  if (at) {
    camera.lookAt(...at);
  }
  stage.choose(Object.hasOwn(MODES, mode) ? mode : FIRST_MODE);
}
