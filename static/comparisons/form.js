// The form at /. Its fields are what is sent, with this script or without: all else shows what they hold.

import { followIgnoredParts } from "./ignored_parts.js";
import { followOptions } from "./options.js";
import { Picker, swap } from "./picker.js";
import { offerSamples } from "./sample.js";
import { sendInBackground } from "./submit.js";
import { receiveTransfers } from "./transfers.js";

const form = document.getElementById("compare");
const pickers = [...form.querySelectorAll(".picker")].map((fieldset) => new Picker(fieldset));

const followers = [
  ...pickers,
  followOptions(form),
  followIgnoredParts(form, pickers[0]),
  sendInBackground(form, pickers),
];
document.getElementById("swap").addEventListener("click", () => swap(...pickers));
receiveTransfers(pickers);
offerSamples(pickers);

// Browsers put back what a page held when one returns to it: after its scripts have run, and sometimes
// with all that they had set.
window.addEventListener("pageshow", () => followers.forEach((follower) => follower.show()));
