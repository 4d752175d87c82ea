// The sample pair, as files: in production the service does not download from its own address.

import { hideAlert, showAlert } from "./errors.js";

export function offerSamples(pickers) {
  const button = document.getElementById("sample");
  button.addEventListener("click", async () => {
    try {
      const urls = [button.dataset.image1, button.dataset.image2];
      const files = await Promise.all(urls.map(fetchFile));
      hideAlert();
      files.forEach((file, index) => pickers[index].give({ file }));
    } catch {
      showAlert("The sample pair can't be loaded.");
    }
  });
}

async function fetchFile(url) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${url}: ${response.status}`);
  }
  const content = await response.blob();
  return new File([content], url.split("/").at(-1), { type: content.type });
}
