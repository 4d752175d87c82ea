// What is looked at, in the address: so that it can be sent, and outlives a reload.

import { FIT } from "./camera.js";

const DELAY_MS = 200;

/** Read mode, zoom, at (x and y) and region, each undefined if it is not there or makes no sense. */
export function readFragment() {
  const values = new URLSearchParams(location.hash.slice(1));
  const at = (values.get("at") ?? "").split(",").map(Number);
  return {
    mode: values.get("mode") ?? undefined,
    zoom: readNumber(values.get("zoom")),
    at: at.length === 2 && at.every(Number.isFinite) ? at : undefined,
    region: readNumber(values.get("region")),
  };
}

function readNumber(text) {
  const number = Number.parseFloat(text);
  return Number.isFinite(number) ? number : undefined;
}

let timer = null;

/** Write it once it is at rest: browsers refuse to change the address many times a second. */
export function writeFragment(stage, camera, regions, onWritten) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const values = [`mode=${stage.chosen}`];
    if (camera.wanted !== FIT) {
      values.push(`zoom=${round(camera.zoom)}`);
    }
    values.push(`at=${round(camera.x)},${round(camera.y)}`);
    if (regions.box) {
      values.push(`region=${regions.index + 1}`);
    }
    history.replaceState(history.state, "", `#${values.join("&")}`);
    onWritten();
  }, DELAY_MS);
}

function round(number) {
  return Number(number.toFixed(2));
}
