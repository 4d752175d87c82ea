// One of the two inputs: a file or a URL, never both, and what is known of it.

import { announce } from "./announce.js";
import { clearError, showError } from "./errors.js";

export class Picker extends EventTarget {
  /** What can be shown of it: url, width and height; null for nothing. */
  picture = null;
  #pictureUrl = "";

  constructor(fieldset) {
    super();
    this.fieldset = fieldset;
    this.name = fieldset.querySelector("legend").textContent;
    this.fileInput = fieldset.querySelector('[type="file"]');
    this.urlInput = fieldset.querySelector('[type="url"]');
    this.preview = fieldset.querySelector(".preview");
    this.maxBytes = Number(this.fileInput.form.dataset.maxBytes);

    this.fileInput.addEventListener("change", () => this.#take({ file: this.file }));
    this.urlInput.addEventListener("input", () => this.#take({ url: this.urlInput.value }));
    fieldset.querySelector(".replace").addEventListener("click", () => this.fileInput.click());
    fieldset.querySelector(".remove").addEventListener("click", () => {
      this.give({});
      this.fileInput.focus();
      announce(`${this.name} removed`);
    });
  }

  get file() {
    return this.fileInput.files[0];
  }

  get url() {
    return this.urlInput.value.trim();
  }

  get isEmpty() {
    return !this.file && !this.url;
  }

  /** Fill in a file or a URL, as if it had been chosen or typed. */
  give({ file, url = "" }) {
    const files = new DataTransfer();
    if (file) {
      files.items.add(file);
    }
    this.fileInput.files = files.files;
    this.urlInput.value = url;
    this.#take({ file, url });
  }

  /** Keep the one that came last. */
  #take({ file, url }) {
    if (file) {
      this.urlInput.value = "";
    } else if (url) {
      this.fileInput.value = "";
    }
    clearError(this.fileInput);
    clearError(this.urlInput);
    this.fieldset.querySelectorAll(".note").forEach((note) => note.remove());
    this.show();
  }

  /** Show what the fields hold. */
  async show() {
    const { file, url } = this;
    // A URL is shown by its words alone: only the server is to ask others for anything.
    const isLink = Boolean(url) && !/^data:/i.test(url);
    URL.revokeObjectURL(this.#pictureUrl);
    this.#pictureUrl = file ? URL.createObjectURL(file) : isLink ? "" : url;
    const pictureUrl = this.#pictureUrl;
    // What there was can't be loaded any more.
    this.picture = null;

    this.#unhide(".prompt", this.isEmpty);
    this.#unhide(".linked", isLink);
    this.#unhide(".url", !file);
    this.#unhide(".facts", Boolean(file));
    this.#unhide(".picker-buttons", Boolean(file));
    this.preview.hidden = true;
    this.#write(".facts-name", file?.name ?? "");
    this.#write(".facts-size", file ? formatBytes(file.size) : "");
    if (isLink) {
      this.#showLink(url);
    }
    this.checkSize();
    const size = await this.#showPicture(pictureUrl);
    // Another may have been given while this one was decoded.
    if (pictureUrl === this.#pictureUrl) {
      this.#tell(file, size);
    }
  }

  /** Tell at once what the server would tell after the upload. */
  checkSize() {
    if (this.file?.size > this.maxBytes) {
      showError(this.fileInput, `The file has more than ${formatBytes(this.maxBytes)}.`);
    }
  }

  async #showPicture(pictureUrl) {
    this.preview.removeAttribute("src");
    if (!pictureUrl) {
      return null;
    }
    this.preview.src = pictureUrl;
    try {
      await this.preview.decode();
    } catch {
      // A format that this browser does not show, or no picture: the server will say.
      return null;
    }
    return { width: this.preview.naturalWidth, height: this.preview.naturalHeight };
  }

  #tell(file, size) {
    const dimensions = size ? `${size.width} × ${size.height}` : "no preview";
    this.preview.hidden = !size;
    this.preview.alt = size ? `${this.name}: ${file?.name ?? "from a data: URL"}, ${dimensions}` : "";
    this.#unhide(".prompt", !size && !this.url);
    if (file) {
      this.#write(".facts-size", `${dimensions} · ${formatBytes(file.size)}`);
      announce(`${this.name}: ${file.name}, ${dimensions}`);
    }
    this.picture = size && { ...size, url: this.#pictureUrl };
    this.dispatchEvent(new Event("picture"));
  }

  #showLink(url) {
    const link = URL.canParse(url) ? new URL(url) : null;
    this.#write(".link-host", link?.host || url);
    this.#write(".link-path", link ? link.pathname + link.search : "");
  }

  #unhide(selector, isShown) {
    this.fieldset.querySelector(selector).hidden = !isShown;
  }

  #write(selector, text) {
    this.fieldset.querySelector(selector).textContent = text;
  }
}

export function swap(picker1, picker2) {
  const [given1, given2] = [picker1, picker2].map(({ file, url }) => ({ file, url }));
  picker1.give(given2);
  picker2.give(given1);
  announce("Images swapped");
}

function formatBytes(bytes) {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  const format = { style: "unit", unit, maximumFractionDigits: size < 10 ? 1 : 0 };
  return new Intl.NumberFormat("en", format).format(size);
}
