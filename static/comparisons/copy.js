// Buttons that copy what their data-copy says.

import { announce } from "./announce.js";

const SHOWN_MS = 1600;

export function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await copy(button.dataset.copy);
      confirmCopy(button.querySelector(".copy-label"));
    });
  }
}

async function copy(text) {
  // Browsers have a clipboard only where the connection is safe, as to localhost.
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

function confirmCopy(label) {
  announce("Copied");
  if (label.dataset.text) {
    return;
  }
  label.dataset.text = label.textContent;
  // As wide as before: nothing moves.
  label.style.minWidth = `${label.getBoundingClientRect().width}px`;
  label.textContent = "Copied";
  setTimeout(() => {
    label.textContent = label.dataset.text;
    delete label.dataset.text;
  }, SHOWN_MS);
}
