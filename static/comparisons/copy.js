// Buttons that copy what their data-copy says.

import { announce } from "./announce.js";

const SHOWN_MS = 1600;

export function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const label = button.querySelector(".copy-label");
      try {
        await copy(button.dataset.copy);
        show(label, "Copied");
      } catch {
        show(label, "Can't copy");
      }
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
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) {
    throw new Error("The browser does not let the page copy");
  }
}

function show(label, text) {
  announce(text);
  if (label.dataset.text) {
    return;
  }
  label.dataset.text = label.textContent;
  // As wide as before: nothing moves.
  label.style.minWidth = `${label.getBoundingClientRect().width}px`;
  label.textContent = text;
  setTimeout(() => {
    label.textContent = label.dataset.text;
    delete label.dataset.text;
  }, SHOWN_MS);
}
