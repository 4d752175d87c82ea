// The page of a comparison: the pictures in one viewer, and what goes on around it.

import { offerCopies } from "./copy.js";
import { offerToIgnoreRegions } from "./ignore_region.js";
import { closeWhenLeft } from "./menu.js";
import { followOptions } from "./options.js";
import { compareAgain } from "./rerun.js";
import { showViewer } from "./viewer/viewer.js";

const rerun = document.getElementById("rerun");
const form = rerun.querySelector("form");

showViewer(document.getElementById("viewer"), { onMoved: updateLink });
offerCopies();
offerToIgnoreRegions(rerun);
closeWhenLeft(document.getElementById("downloads"));
const followers = [followOptions(form), compareAgain(form)];

/** The link that is copied leads to what is looked at. */
function updateLink() {
  const button = document.getElementById("copy-link");
  button.dataset.copy = new URL(location.hash, button.dataset.copy);
}

// Browsers put back what a page held when one returns to it: after its scripts have run, and sometimes
// with all that they had set.
window.addEventListener("pageshow", () => followers.forEach((follower) => follower.show()));
