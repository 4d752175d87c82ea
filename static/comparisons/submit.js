// Sends the form in the background, to show how far it is; then goes where the comparison is.

import { announce } from "./announce.js";
import {
  clearError,
  clearErrors,
  focusFirst,
  offerRetry,
  showError,
  showInvalid,
  showRefusal,
} from "./errors.js";

const MISSING = "Choose a file, drop or paste one, or give its URL.";

export function sendInBackground(form, pickers) {
  const idle = document.getElementById("idle");
  const working = document.getElementById("working");
  const progress = document.getElementById("progress");
  const text = document.getElementById("working-text");
  const share = document.getElementById("working-share");
  const submitButton = idle.querySelector("[type=submit]");
  let call = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!call && isComplete()) {
      send();
    }
  });
  form.addEventListener("input", ({ target }) => clearError(target));
  document.getElementById("cancel").addEventListener("click", () => {
    call.abort();
    stop();
    submitButton.focus();
    announce("Cancelled");
  });

  function isComplete() {
    clearErrors(form);
    for (const picker of pickers) {
      if (picker.isEmpty) {
        showError(picker.fileInput, MISSING);
      }
      picker.checkSize();
    }
    showInvalid(form);
    focusFirst(form);
    return !form.querySelector('[aria-invalid="true"]');
  }

  function send() {
    call = new XMLHttpRequest();
    call.open("POST", form.action);
    call.setRequestHeader("Accept", "application/json");
    call.upload.addEventListener("progress", ({ loaded, total }) => showUpload(loaded / total));
    call.upload.addEventListener("load", () => showState("Comparing…"));
    call.addEventListener("load", () => receive(call));
    call.addEventListener("error", () => {
      stop();
      offerRetry("The server can't be reached, or a file has changed since it was chosen.");
    });
    idle.hidden = true;
    working.hidden = false;
    showState("Uploading…");
    document.getElementById("cancel").focus();
    call.send(new FormData(form));
  }

  function showState(state) {
    text.textContent = state;
    share.textContent = "";
    progress.removeAttribute("value");
    announce(state);
  }

  function showUpload(ratio) {
    progress.value = ratio;
    share.textContent = `${Math.round(100 * ratio)} %`;
  }

  function receive({ status, responseText }) {
    if (status === 201) {
      // Still working, as it looks: until the browser has got the other page.
      location.assign(call.getResponseHeader("Location"));
      return;
    }
    const retryAfter = call.getResponseHeader("Retry-After");
    stop();
    showRefusal(form, status, responseText, retryAfter);
  }

  function stop() {
    call = null;
    idle.hidden = false;
    working.hidden = true;
  }

  return { show: stop };
}
