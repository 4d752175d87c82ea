// What is pasted or dropped, anywhere on the page, goes to one of the two inputs.

import { hideAlert, showAlert } from "./errors.js";

const TEXT_FIELDS = "textarea, input:not([type=file], [type=checkbox], [type=radio], [type=range])";

export function receiveTransfers(pickers) {
  document.addEventListener("paste", (event) => {
    const given = read(event.clipboardData, event.target);
    if (given) {
      event.preventDefault();
      deliver(given, pickers, document.activeElement);
    }
  });
  document.addEventListener("dragover", (event) => {
    // Else the browser would open a file that misses the boxes, and the form would be gone.
    if (isWelcome(event)) {
      event.preventDefault();
      highlight(pickers, event.target);
    }
  });
  document.addEventListener("dragleave", () => highlight(pickers, null));
  document.addEventListener("drop", (event) => {
    highlight(pickers, null);
    if (isWelcome(event)) {
      event.preventDefault();
      const given = read(event.dataTransfer, event.target);
      if (given) {
        deliver(given, pickers, event.target);
      }
    }
  });
}

function isWelcome({ dataTransfer, target }) {
  const { types } = dataTransfer;
  return types.includes("Files") || (types.includes("text/uri-list") && !isTextField(target));
}

/** Read a file, or a URL that is not on its way into a text field, which can take it by itself. */
function read(transfer, target) {
  const [file] = transfer.files;
  if (file) {
    return { file };
  }
  const url = (transfer.getData("text/uri-list") || transfer.getData("text/plain")).trim();
  return /^(https?:\/\/|data:image\/)\S+$/i.test(url) && !isTextField(target) ? { url } : null;
}

function isTextField(target) {
  return target instanceof Element && target.matches(TEXT_FIELDS);
}

function deliver(given, pickers, target) {
  const picker =
    pickers.find(({ fieldset }) => fieldset.contains(target)) ??
    pickers.find(({ fieldset }) => fieldset.matches(":hover")) ??
    pickers.find(({ isEmpty }) => isEmpty);
  if (picker) {
    hideAlert();
    picker.give(given);
  } else {
    showAlert("Both images are given. Move to the one to replace, and try again.");
  }
}

function highlight(pickers, target) {
  for (const { fieldset } of pickers) {
    fieldset.classList.toggle("dragged-over", fieldset.contains(target));
  }
}
