// Compares the same images again, in the background; then goes where the new comparison is, looking at
// the same place.

import { announce } from "./announce.js";
import {
  clearError,
  clearErrors,
  focusFirst,
  offerRetry,
  showInvalid,
  showRefusal,
} from "./errors.js";

export function compareAgain(form) {
  const button = document.getElementById("compare-again");
  const progress = document.getElementById("progress");

  form.addEventListener("input", ({ target }) => clearError(target));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!progress.hidden) {
      return;
    }
    clearErrors(form);
    showInvalid(form);
    focusFirst(form);
    if (form.querySelector('[aria-invalid="true"]')) {
      return;
    }
    showWork(true);
    try {
      await send();
    } catch {
      showWork(false);
      offerRetry("The server can't be reached.");
    }
  });

  async function send() {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(form),
    });
    if (response.ok) {
      // Still working, as it looks: until the browser has got the other page.
      location.assign(new URL(withoutRegion(location.hash), response.headers.get("Location")));
      return;
    }
    const text = await response.text();
    showWork(false);
    showRefusal(form, response.status, text, response.headers.get("Retry-After"));
  }

  function showWork(isWorking) {
    progress.hidden = !isWorking;
    button.setAttribute("aria-disabled", isWorking);
    button.textContent = isWorking ? "Comparing…" : "Compare again";
    if (isWorking) {
      announce("Comparing…");
    }
  }

  return { show: () => showWork(false) };
}

/** Regions are others with other options. */
function withoutRegion(hash) {
  return hash.replace(/&region=\d+/, "");
}
