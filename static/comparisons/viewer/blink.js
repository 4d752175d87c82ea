// Shows the two images in turn: by itself, unless less motion is wanted, or at each press of a button.

// Slow enough for everybody: https://www.w3.org/TR/WCAG22/#three-flashes-or-below-threshold
const PERIOD_MS = 700;

export class Blink {
  #flipButton = document.getElementById("flip");
  #toggle = document.getElementById("blinking");
  #isOn = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  #isActive = false;
  #timer = null;

  constructor(onChange) {
    this.onChange = onChange;
    this.isUpperShown = false;
    this.#flipButton.addEventListener("click", () => this.flip());
    this.#toggle.addEventListener("click", () => {
      this.#isOn = !this.#isOn;
      this.#update();
    });
    this.#update();
  }

  set isActive(isActive) {
    this.#isActive = isActive;
    this.#update();
  }

  /** Show the other image, and stay there. */
  flip() {
    this.#isOn = false;
    this.#swap();
    this.#update();
  }

  #swap() {
    this.isUpperShown = !this.isUpperShown;
    this.onChange();
  }

  #update() {
    clearInterval(this.#timer);
    if (this.#isActive && this.#isOn) {
      this.#timer = setInterval(() => this.#swap(), PERIOD_MS);
    }
    this.#toggle.setAttribute("aria-pressed", this.#isOn);
  }
}
