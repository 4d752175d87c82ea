// The ways to look at a comparison: which pictures each shows in which pane, and how they are on each other.

export const MODES = {
  slider: { panes: [["image1", "image2"]] },
  "side-by-side": { panes: [["image1"], ["image2"]], labels: ["Image 1", "Image 2"] },
  overlay: { panes: [["overlay"]] },
  mask: { panes: [["mask"]] },
  heatmap: { panes: [["heatmap"]] },
  "onion-skin": { panes: [["image1", "image2"]] },
  blink: { panes: [["image1", "image2"]] },
};
export const FIRST_MODE = "slider";
