// The pictures of a comparison, each loaded when it is first to be seen.

export class Picture {
  #loading = null;

  /** `source` has its url, words for it and its size; the heatmap, under its legend, a scale instead. */
  constructor(source) {
    this.source = source;
    this.image = new Image();
    this.image.alt = source.words;
    this.image.decoding = "async";
    this.image.draggable = false;
    if (source.width) {
      this.image.width = source.width;
      this.image.height = source.height;
    } else {
      this.image.className = "legended";
      this.image.style.scale = source.scale;
    }
    this.element = document.createElement("div");
    this.element.className = "picture";
    this.element.append(this.image);
  }

  /** Load and decode it, off the thread that pans. What has failed is tried again. */
  load() {
    this.#loading ??= this.#decode().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #decode() {
    this.image.src = "";
    this.image.src = this.source.url;
    await this.image.decode();
  }
}
